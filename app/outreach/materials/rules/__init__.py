"""What words may say, and what comes of them with a person's values: pure decisions."""
