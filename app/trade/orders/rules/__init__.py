"""Pure decisions about orders: what a report may say, how reports merge, what earns, how files are read."""
