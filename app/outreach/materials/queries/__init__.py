"""Questions about purposes and words, and what they come to with a person's values."""
