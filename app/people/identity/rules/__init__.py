"""Pure decisions about ids: their kinds and forms, and who is one person by the evidence."""

from app.people.identity.rules.kinds import KINDS as KINDS
from app.people.identity.rules.kinds import PROOFS as PROOFS
from app.people.identity.rules.kinds import Kind as Kind
from app.people.identity.rules.kinds import NotAnIdentifier as NotAnIdentifier
from app.people.identity.rules.kinds import check_scope as check_scope
from app.people.identity.rules.kinds import is_blocked as is_blocked
from app.people.identity.rules.kinds import is_receivers as is_receivers
from app.people.identity.rules.kinds import mask_phone as mask_phone
from app.people.identity.rules.kinds import normalise as normalise
from app.people.identity.rules.kinds import stronger as stronger
from app.people.identity.rules.resolving import Group as Group
