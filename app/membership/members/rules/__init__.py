"""Pure decisions of the membership: tiers, growth, card numbers and codes, joining."""
