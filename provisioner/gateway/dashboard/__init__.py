"""The dashboard: pages at `/ui` that show in a browser what was recorded."""
