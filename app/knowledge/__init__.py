"""What we know: events, and what follows from them."""
