"""One file for each change, oldest first by its number."""
