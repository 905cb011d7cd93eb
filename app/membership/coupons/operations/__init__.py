"""Changes to coupons, by subject: issue, use, till, templates, due, stock."""
