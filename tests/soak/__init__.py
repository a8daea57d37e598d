"""A gateway under a mixed load for as long as one likes, run by hand: `make soak`."""
