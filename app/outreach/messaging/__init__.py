"""The one delivery pipeline: everything that leaves for a person leaves here, once, when it may, or says why not.

Promises: a delivery is a row of the transaction that wants it, one per purpose, recipient and occasion; whether it may go is
asked right before it goes and not before: consent, refusals, still reachable, still wanted, quiet hours where the person
is, caps per channel and over all, control group; each limit is kept by the statement that uses it up; what is held back says
why. A person gets one message at a time. Before and after each call a line is written: what a dead worker leaves behind is
found within a minute and never sent a second time, except where the platform itself drops doubles; whatever is not known to
have arrived or not is in doubt, and says so. Quotas of accounts hold for all workers together; notices go before campaigns;
pausing and stopping take effect within seconds.
"""

from app.outreach.messaging import reactions as _reactions  # noqa: F401  (registers what it does when others announce)
from app.outreach.messaging.errands import sending as sending
from app.outreach.messaging.facts import ProposedDelivery as ProposedDelivery
from app.outreach.messaging.facts import SendingProposed as SendingProposed
from app.outreach.messaging.models import STATES as STATES
from app.outreach.messaging.models import MessagingPolicy as MessagingPolicy
from app.outreach.messaging.operations import dispatching as dispatching
from app.outreach.messaging.operations import doubts as doubts
from app.outreach.messaging.operations import forecasting as forecasting
from app.outreach.messaging.operations import grants as grants
from app.outreach.messaging.operations import limits as limits
from app.outreach.messaging.operations import opening as opening
from app.outreach.messaging.operations import outcomes as outcomes
from app.outreach.messaging.operations import receipts as receipts
from app.outreach.messaging.operations import refusing as refusing
from app.outreach.messaging.operations import wanting as wanting
from app.outreach.messaging.operations import windows as windows
from app.outreach.messaging.operations.receipts import Receipt as Receipt
from app.outreach.messaging.operations.wanting import Wish as Wish
from app.outreach.messaging.queries import asking as asking
from app.outreach.messaging.queries import touching as touching
from app.outreach.messaging.refusals import DispatchStopped as DispatchStopped
from app.outreach.messaging.refusals import DispatchUnknown as DispatchUnknown
from app.outreach.messaging.refusals import NotInDoubt as NotInDoubt
from app.outreach.messaging.rules.reasons import REASONS as REASONS
