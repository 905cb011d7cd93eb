"""What needs an outside company."""
