"""The reference AI gateway: what the real Codex CLI talks to when a configuration is proven."""
