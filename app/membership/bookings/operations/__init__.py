"""Changes of bookings, by subject: the customer's own calendar, the counter, the waiting list, what is due, the stock."""
