"""Who may use which model, paid by whom, running where: an access file → one auth mode, or why not.

No file, clock or network is touched here: whoever asks brings the text, the date and the usage.
"""
