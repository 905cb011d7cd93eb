"""Who is this? Ids of every channel, gathered into one customer.

Promises: a living id of one kind and scope belongs to one customer, kept by the database; the same id always resolves to
the same customer, however many callers ask at once; values are encrypted, found by blind index; an id has a life (since,
until, why it ended) and its history is kept. Full resolution with merging builds on this room.
"""

from app.people.identity.facts import IdentityAttached as IdentityAttached
from app.people.identity.facts import IdentityEnded as IdentityEnded
