"""The user's own `terraform`, without a network: its providers are schemas that we serve to it."""
