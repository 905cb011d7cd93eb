"""Questions about members: tiers, cards, growth."""
