"""Who holds which id, and who somebody is today."""

from app.people.identity.queries import who as who
from app.people.identity.queries.holding import HeldIdentity as HeldIdentity
from app.people.identity.queries.holding import Holder as Holder
from app.people.identity.queries.holding import find_customer as find_customer
from app.people.identity.queries.holding import find_customers as find_customers
from app.people.identity.queries.holding import find_holders as find_holders
from app.people.identity.queries.holding import identifier as identifier
from app.people.identity.queries.holding import indexes_for as indexes_for
from app.people.identity.queries.holding import list_conflicts as list_conflicts
from app.people.identity.queries.holding import list_identities as list_identities
from app.people.identity.queries.holding import list_living_tokens as list_living_tokens
from app.people.identity.queries.holding import lock_living as lock_living
from app.people.identity.queries.phones import find_phone as find_phone
from app.people.identity.queries.phones import phone_indexes_of as phone_indexes_of
from app.people.identity.queries.phones import phones_of as phones_of
