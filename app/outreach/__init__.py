"""How we reach people: what is said, through which channel, when, to whom, and what came of it."""
