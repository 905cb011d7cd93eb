"""Words every room may use. Knows no room.

settings, clock, database (`unit_of_work`, `reading`), ids (sealing), codes (for people), crypto (keys that rotate), facts,
outbox, request keys, job runs, locks, errands, paging, money, personal data, policy (the brand's settings), errors.
"""
