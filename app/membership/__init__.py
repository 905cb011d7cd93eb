"""What belonging gives: members, points, coupons, bookings, rewards."""
