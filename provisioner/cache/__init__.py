"""What can be worked out again, kept for the next run in the user's cache folder."""
