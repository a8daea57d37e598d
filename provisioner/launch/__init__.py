"""Start Codex: install a version, prepare a home, run it with exactly the right environment."""
