"""A configuration file of Auto AI Router: what stands in it, and what is wrong with it."""
