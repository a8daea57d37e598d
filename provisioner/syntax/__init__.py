"""Text → trees with spans; the only importer of parsers."""
