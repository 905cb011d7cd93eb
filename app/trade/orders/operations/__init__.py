"""Changes to orders: reports come in, waiting orders find their person, what happened is announced."""
