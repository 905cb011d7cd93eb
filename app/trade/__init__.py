"""What is sold and was sold: products, orders."""
