"""Who is this? Ids of every channel, gathered into one customer.

Promises: a living id of one kind and scope belongs to one customer, kept by the database; the same id always resolves to
the same customer, however many callers ask at once; values are encrypted, found by blind index; an id has a life (since,
until, why it ended) and its history is kept. Full resolution with merging builds on this room.
"""

from app.people.identity import reactions as _reactions  # noqa: F401  (registers what it does at the end of a merge)
from app.people.identity.errands import LoggedIn as LoggedIn
from app.people.identity.errands import log_in as log_in
from app.people.identity.facts import IdentityAttached as IdentityAttached
from app.people.identity.facts import IdentityEnded as IdentityEnded
from app.people.identity.facts import MergeProposed as MergeProposed
from app.people.identity.facts import PeopleMerged as PeopleMerged
from app.people.identity.facts import PeopleSeparated as PeopleSeparated
from app.people.identity.facts import SeparationProposed as SeparationProposed
from app.people.identity.models import Identifier as Identifier
from app.people.identity.operations import looking as looking
from app.people.identity.operations import merging as merging
from app.people.identity.operations.recognising import attach as attach
from app.people.identity.operations.recognising import recognise as recognise
from app.people.identity.operations.recognising import release as release
from app.people.identity.queries import HeldIdentity as HeldIdentity
from app.people.identity.queries import Holder as Holder
from app.people.identity.queries import find_customer as find_customer
from app.people.identity.queries import find_holders as find_holders
from app.people.identity.queries import identifier as identifier
from app.people.identity.queries import indexes_for as indexes_for
from app.people.identity.queries import list_identities as list_identities
from app.people.identity.queries import phones as phones
from app.people.identity.queries import reviewing as reviewing
from app.people.identity.queries import who as who
from app.people.identity.refusals import IdentifierInvalid as IdentifierInvalid
from app.people.identity.refusals import IdentityMissing as IdentityMissing
from app.people.identity.refusals import IdentityTaken as IdentityTaken
