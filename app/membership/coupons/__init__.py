"""Coupons: templates, taking, granting, locking for an order, redeeming, giving back.

Promises: stock, budget and per-member limit are kept by the statement that takes; a coupon is redeemed once, by one till;
given back once; its code cannot be guessed; every coupon tells why it cannot be used now (K01 to K06).

`due` is what time brings (grant_birthday_due, expire_due, lock_release_due), `templates` the desk of those who make
templates (save, approve, change_state, change_stock, add_codes), `till` that of tills (check, lock, unlock, redeem,
give_back), `listing` asks of many people's coupons at once.
"""

from app.membership.coupons import reactions as _reactions  # noqa: F401  (registers what it does when others announce)
from app.membership.coupons.facts import CouponGivenBack as CouponGivenBack
from app.membership.coupons.facts import CouponRedeemed as CouponRedeemed
from app.membership.coupons.facts import CouponStockLow as CouponStockLow
from app.membership.coupons.facts import CouponTaken as CouponTaken
from app.membership.coupons.facts import CouponWithdrawn as CouponWithdrawn
from app.membership.coupons.operations import due as due
from app.membership.coupons.operations import templates as templates
from app.membership.coupons.operations import till as till
from app.membership.coupons.operations.bulk import grant_in_bulk as grant_in_bulk
from app.membership.coupons.operations.due import Difference as Difference
from app.membership.coupons.operations.due import recount as recount
from app.membership.coupons.operations.issue import grant as grant
from app.membership.coupons.operations.issue import take as take
from app.membership.coupons.operations.stock import find_shipped as find_shipped
from app.membership.coupons.operations.stock import ship_stock as ship_stock
from app.membership.coupons.operations.templates import Offering as Offering
from app.membership.coupons.operations.till import Place as Place
from app.membership.coupons.operations.till import Shown as Shown
from app.membership.coupons.operations.use import redeem_by_code as redeem_by_code
from app.membership.coupons.queries import get_coupon as get_coupon
from app.membership.coupons.queries import judge as judge
from app.membership.coupons.queries import list_coupons as list_coupons
from app.membership.coupons.queries import listing as listing
from app.membership.coupons.queries import summary_of as summary_of
from app.membership.coupons.refusals import AlreadyRedeemed as AlreadyRedeemed
from app.membership.coupons.refusals import ApprovalMissing as ApprovalMissing
from app.membership.coupons.refusals import CauseReused as CauseReused
from app.membership.coupons.refusals import CouponUnknown as CouponUnknown
from app.membership.coupons.refusals import Ended as Ended
from app.membership.coupons.refusals import InUse as InUse
from app.membership.coupons.refusals import LimitReached as LimitReached
from app.membership.coupons.refusals import MembersOnly as MembersOnly
from app.membership.coupons.refusals import NotHere as NotHere
from app.membership.coupons.refusals import NotLocked as NotLocked
from app.membership.coupons.refusals import NotOpen as NotOpen
from app.membership.coupons.refusals import NotRedeemed as NotRedeemed
from app.membership.coupons.refusals import NotTogether as NotTogether
from app.membership.coupons.refusals import NotYet as NotYet
from app.membership.coupons.refusals import OwnCoupon as OwnCoupon
from app.membership.coupons.refusals import SoldOut as SoldOut
from app.membership.coupons.refusals import StateWrong as StateWrong
from app.membership.coupons.refusals import TemplateUnknown as TemplateUnknown
from app.membership.coupons.refusals import TermsFixed as TermsFixed
from app.membership.coupons.refusals import TermsWrong as TermsWrong
from app.membership.coupons.refusals import UseStopped as UseStopped
from app.membership.coupons.refusals import Withdrawn as Withdrawn
from app.membership.coupons.rules import Applied as Applied
from app.membership.coupons.rules import Basket as Basket
from app.membership.coupons.rules import Coupon as Coupon
from app.membership.coupons.rules import Coverage as Coverage
from app.membership.coupons.rules import Judgement as Judgement
from app.membership.coupons.rules import Line as Line
from app.membership.coupons.rules import Scope as Scope
from app.membership.coupons.rules import Template as Template
from app.membership.coupons.rules import Terms as Terms
from app.membership.coupons.rules import Validity as Validity
