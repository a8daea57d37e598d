"""How the gateway speaks as each gateway kind: paths, credential headers, error bodies."""
