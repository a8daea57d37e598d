"""Run a real client against the reference gateway, and compare what both saw with the plan."""
