"""The management API: what was recorded and who has a token, with Coder's paths and shapes."""
