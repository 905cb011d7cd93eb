"""Who is this? Ids of every channel, gathered into one customer.

Promises: a living id of one kind and scope belongs to one customer, kept by the database; the same id always resolves to
the same customer, however many callers ask at once; values are encrypted, found by blind index; an id has a life (since,
until, why it ended) and its history is kept.

What is seen together is evidence; who is one person follows from all evidence and all decisions, whatever the order in
which they came (`observing`, rules in rules/resolving.py). Two people who each have an id of a kind of which a person has
one are not joined by evidence: that waits for review (`reviewing`), and people decide (`deciding`): the same, apart for
ever, later. A merge is one recorded operation with its before-image; objections are heard before anything is written;
former ids keep resolving (`who`); undoing gives both back as they were with what happened since (docs/decisions/0005).
"""

from app.people.identity import reactions as _reactions  # noqa: F401  (registers what it does at the end of a merge)
from app.people.identity.errands import LoggedIn as LoggedIn
from app.people.identity.errands import log_in as log_in
from app.people.identity.facts import IdentityAttached as IdentityAttached
from app.people.identity.facts import IdentityEnded as IdentityEnded
from app.people.identity.facts import ManyIdentitiesAttached as ManyIdentitiesAttached
from app.people.identity.facts import MergeProposed as MergeProposed
from app.people.identity.facts import PeopleMerged as PeopleMerged
from app.people.identity.facts import PeopleSeparated as PeopleSeparated
from app.people.identity.facts import SeparationProposed as SeparationProposed
from app.people.identity.models import Identifier as Identifier
from app.people.identity.operations import deciding as deciding
from app.people.identity.operations import looking as looking
from app.people.identity.operations import merging as merging
from app.people.identity.operations import observing as observing
from app.people.identity.operations import proposing as proposing
from app.people.identity.operations.forgetting import Withdrawal as Withdrawal
from app.people.identity.operations.importing import ObservationImport as ObservationImport
from app.people.identity.operations.recognising import attach as attach
from app.people.identity.operations.recognising import recognise as recognise
from app.people.identity.queries import HeldIdentity as HeldIdentity
from app.people.identity.queries import Holder as Holder
from app.people.identity.queries import find_customer as find_customer
from app.people.identity.queries import find_holders as find_holders
from app.people.identity.queries import identifier as identifier
from app.people.identity.queries import list_identities as list_identities
from app.people.identity.queries import phones as phones
from app.people.identity.queries import reviewing as reviewing
from app.people.identity.queries import who as who
from app.people.identity.refusals import IdentifierInvalid as IdentifierInvalid
from app.people.identity.refusals import IdentityMissing as IdentityMissing
from app.people.identity.refusals import IdentityTaken as IdentityTaken
from app.people.identity.refusals import ImportUnreadable as ImportUnreadable
from app.people.identity.refusals import MergeRefused as MergeRefused
from app.people.identity.refusals import MergeStands as MergeStands
from app.people.identity.refusals import MergeUnknown as MergeUnknown
from app.people.identity.refusals import NobodyKnown as NobodyKnown
from app.people.identity.refusals import ProposalMissing as ProposalMissing
from app.people.identity.refusals import SamePerson as SamePerson
from app.people.identity.rules import KINDS as KINDS
from app.people.identity.rules import PROOFS as PROOFS
