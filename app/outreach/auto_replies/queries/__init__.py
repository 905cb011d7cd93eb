"""The rules as every process remembers them, who is asking, and who waits for a person."""
