"""The spec with everything decided: nothing after this step chooses a default."""
