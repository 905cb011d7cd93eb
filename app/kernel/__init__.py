"""Words every room may use. Knows no room.

settings, clock, database (`unit_of_work`, `reading`), ids (sealing), crypto (keys that rotate), facts (`announce`, `ask`),
outbox, request keys, job runs, locks, errands, paging, money, personal data, policy (the brand's settings), errors.
"""
