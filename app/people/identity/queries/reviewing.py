"""What somebody needs to see before deciding who is one person. Values are masked."""

from app.people.identity.queries.conflicts import Conflict as Conflict
from app.people.identity.queries.conflicts import Tie as Tie
from app.people.identity.queries.conflicts import count_conflicts as count_conflicts
from app.people.identity.queries.conflicts import find_conflict as find_conflict
from app.people.identity.queries.conflicts import hear_merge as hear_merge
from app.people.identity.queries.conflicts import list_conflicts as list_conflicts
from app.people.identity.queries.conflicts import list_ties_between as list_ties_between
from app.people.identity.queries.person import DecisionView as DecisionView
from app.people.identity.queries.person import MergeView as MergeView
from app.people.identity.queries.person import PersonView as PersonView
from app.people.identity.queries.person import Undoing as Undoing
from app.people.identity.queries.person import find_person as find_person
from app.people.identity.queries.person import preview_undo as preview_undo
from app.people.identity.queries.proposals import ProposalView as ProposalView
from app.people.identity.queries.proposals import count_proposals as count_proposals
from app.people.identity.queries.proposals import find_proposal as find_proposal
from app.people.identity.queries.proposals import list_proposals as list_proposals
from app.people.identity.queries.shown import ShownId as ShownId
from app.people.identity.queries.shown import find_by_value as find_by_value
from app.people.identity.queries.shown import find_identifier as find_identifier
from app.people.identity.queries.shown import ids_of as ids_of
