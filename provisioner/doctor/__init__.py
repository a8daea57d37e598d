"""Check a machine and a live gateway before the first prompt, and say what to do."""
