"""What is heard, which rule answers it, and what is said: pure decisions."""
