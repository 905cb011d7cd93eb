"""What the brand sells: products with category, series, colour, tags and price.

Promises: a product has one code; saving the same list again changes nothing; lists are stable while rows are added.
"""
