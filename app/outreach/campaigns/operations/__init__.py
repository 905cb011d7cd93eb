"""Changes: drafts, tests, lists, and the running of campaigns."""
