"""Who may ask for what, and for how much: one engine under every dialect."""
