"""What is told, and what is told ahead."""
