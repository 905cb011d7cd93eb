"""What changes memberships: joining, growth, reviews, old cards, the programme."""
