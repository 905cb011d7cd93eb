"""Outside companies, each behind our own words."""
