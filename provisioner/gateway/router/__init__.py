"""What Auto AI Router does with a request: which credential, bans, limits, health."""
