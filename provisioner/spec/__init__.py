"""What the user writes: `provisioner.toml`, its model and its reader."""
