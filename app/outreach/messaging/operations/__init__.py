"""What changes deliveries and what limits them."""
