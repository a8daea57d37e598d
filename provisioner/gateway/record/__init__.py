"""What the gateway keeps: interceptions with their usage, and the tokens that open the door."""
