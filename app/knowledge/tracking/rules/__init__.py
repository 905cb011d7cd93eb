"""Which kinds of events there are, how an item from a phone is read and dated, and how months are named."""
