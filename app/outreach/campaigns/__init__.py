"""Campaigns: one message to many, at a time, in waves, and what came of it.

Promises: nothing leaves before the campaign was sent to somebody as a test, and, above the number of people set, before a
second person released it (R04); planning goes page by page and may be cut off anywhere: nobody is planned twice, nobody
left out; pausing, going on and stopping hold for all waves within seconds; who left the list, or whose campaign was stopped,
is not written to any more; the outcome counts people: planned, held back and why, sent, delivered, opened, ordered within
the days that were set before sending, against the control group, with an interval.

`listing` and `outcomes` ask; `drafting` (draft, change, test), `running` (release, start, pause, resume, stop, plan_due) and
`lists` (import_list) do.
"""

from app.outreach.campaigns import reactions as _reactions  # noqa: F401  (registers orders, merges and the hearing)
from app.outreach.campaigns.models import CampaignsPolicy as CampaignsPolicy
from app.outreach.campaigns.operations import drafting as drafting
from app.outreach.campaigns.operations import lists as lists
from app.outreach.campaigns.operations import running as running
from app.outreach.campaigns.queries import listing as listing
from app.outreach.campaigns.queries import outcomes as outcomes
from app.outreach.campaigns.refusals import CampaignMoved as CampaignMoved
from app.outreach.campaigns.refusals import CampaignUnknown as CampaignUnknown
from app.outreach.campaigns.refusals import DraftInvalid as DraftInvalid
from app.outreach.campaigns.refusals import ListEmpty as ListEmpty
from app.outreach.campaigns.refusals import ListUnknown as ListUnknown
from app.outreach.campaigns.refusals import NotTested as NotTested
from app.outreach.campaigns.refusals import SecondPersonNeeded as SecondPersonNeeded
from app.outreach.campaigns.rules import Wave as Wave
