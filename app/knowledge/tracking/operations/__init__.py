"""Changes to the stream: writing, taking in from phones, months, forgetting."""
