"""Plan → files: pure functions that make text, and one file that writes it."""
