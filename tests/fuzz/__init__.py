"""Long random checks of the validator, run by hand: `make fuzz`."""
