"""Pure decisions: when, by which channel, and who is left out on purpose."""
