"""The one stream of events: what people did and what happened to them, by month.

Promises: an event is written once however often it is told, by a phone (its own id of the event) or by a room (kind and
cause), also when it comes again with another time; one bad item of a call loses none of the others, and each is answered;
times are corrected by the phone's own clock, never lie ahead, and too late ones are refused; behaviour is tied to a person
only with their yes to profiling (L01, L02), else it is nobody's for ever; what a phone did before anybody was known goes to
the person whose sign-in ends that stretch, to nobody else; events follow people who are merged and set apart, also those
written meanwhile; each kind is kept for its time and then deleted.
"""

from app.knowledge.tracking import reactions as _reactions  # noqa: F401  (registers what becomes an event)
from app.knowledge.tracking.models import EventView as EventView
from app.knowledge.tracking.models import Occurrence as Occurrence
from app.knowledge.tracking.operations.forgetting import erase as erase
from app.knowledge.tracking.operations.forgetting import forget_due as forget_due
from app.knowledge.tracking.operations.months import prepare_months_due as prepare_months_due
from app.knowledge.tracking.operations.taking_in import Call as Call
from app.knowledge.tracking.operations.taking_in import Intake as Intake
from app.knowledge.tracking.operations.taking_in import RefusedItem as RefusedItem
from app.knowledge.tracking.operations.taking_in import take_in as take_in
from app.knowledge.tracking.operations.writing import record as record
from app.knowledge.tracking.queries import count_events as count_events
from app.knowledge.tracking.queries import last_visit_of as last_visit_of
from app.knowledge.tracking.queries import list_events as list_events
from app.knowledge.tracking.rules.kinds import BEHAVIOUR as BEHAVIOUR
from app.knowledge.tracking.rules.kinds import KINDS as KINDS
from app.knowledge.tracking.rules.kinds import TrackingPolicy as TrackingPolicy
