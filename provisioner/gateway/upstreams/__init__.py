"""Where the gateway sends a request: one file per upstream, all behind one protocol."""
