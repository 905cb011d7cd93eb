"""Changes to points, by subject. Inside each the order is lock → look up the cause → judge → write."""
