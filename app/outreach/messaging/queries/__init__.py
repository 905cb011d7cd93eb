"""What stands for and against a message, asked for many people at once."""
