"""Points a member owns: a double-entry ledger in lots.

Promises: the spendable balance is never negative; every change is a movement with two entries that is never edited; the
same cause moves points once, however often it is reported; lots are spent first-expiring first and given back to the lots
they came from; a fully refunded order nets to zero, a part in proportion; what a refund cannot take back is owed and paid
from the next earnings (M03); `recount` proves the balances from the entries. People who become one have one account,
and set apart again each has the account they would have had: their movements are told again with their own lots only,
and parting is objected to where one has spent what only the other had. What an order earned stays with the order.

`due` is what time brings (expire_due, release_pending_due), `ending` asks whose points are about to end.

A cause names what happened, with a prefix of its owner: `exchange:81`, `survey:7`. `order:`, `lot:`, `hold:` and
`old_card:` are this room's own.
"""

from app.membership.points import reactions as _reactions  # noqa: F401  (registers what it does when others announce)
from app.membership.points.facts import PointsChanged as PointsChanged
from app.membership.points.operations import due as due
from app.membership.points.operations.adjusting import adjust as adjust
from app.membership.points.operations.moves import Why as Why
from app.membership.points.operations.moves import earn as earn
from app.membership.points.operations.moves import spend as spend
from app.membership.points.operations.recounting import Difference as Difference
from app.membership.points.operations.recounting import recount as recount
from app.membership.points.operations.returns import give_back as give_back
from app.membership.points.operations.returns import hold as hold
from app.membership.points.operations.returns import release_hold as release_hold
from app.membership.points.operations.returns import settle_hold as settle_hold
from app.membership.points.operations.rule_book import announce_rules as announce_rules
from app.membership.points.operations.rule_book import ship_stock as ship_stock
from app.membership.points.queries import Balance as Balance
from app.membership.points.queries import Liability as Liability
from app.membership.points.queries import Line as Line
from app.membership.points.queries import Movement as Movement
from app.membership.points.queries import ending as ending
from app.membership.points.queries import explain as explain
from app.membership.points.queries import get_balance as get_balance
from app.membership.points.queries import summary_of as summary_of
from app.membership.points.refusals import AmountInvalid as AmountInvalid
from app.membership.points.refusals import AnnouncedTooLate as AnnouncedTooLate
from app.membership.points.refusals import CauseReused as CauseReused
from app.membership.points.refusals import HoldEnded as HoldEnded
from app.membership.points.refusals import InDebt as InDebt
from app.membership.points.refusals import LeadNeeded as LeadNeeded
from app.membership.points.refusals import MovementUnknown as MovementUnknown
from app.membership.points.refusals import NotEnoughPoints as NotEnoughPoints
from app.membership.points.refusals import OwnAccount as OwnAccount
from app.membership.points.refusals import ReasonMissing as ReasonMissing
from app.membership.points.refusals import SecondPersonNeeded as SecondPersonNeeded
from app.membership.points.refusals import SpentTogether as SpentTogether
from app.membership.points.refusals import TooMuchGivenBack as TooMuchGivenBack
from app.membership.points.rules import Adjustment as Adjustment
from app.membership.points.rules import Campaign as Campaign
from app.membership.points.rules import EarningRules as EarningRules
from app.membership.points.rules import PointsPolicy as PointsPolicy
