"""Changes to who is who: recognising, observing, merging and setting apart."""
