"""Who follows which account."""
