"""Door of time: the clock that decides what is due, and the workers that do it."""
