"""What is true of the outside world, as data with a source, and small typed readers of it."""
