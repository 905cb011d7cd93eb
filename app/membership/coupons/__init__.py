"""Coupons: templates, taking, granting, locking for an order, redeeming, giving back.

Promises: stock, budget and per-member limit are kept by the statement that takes; a coupon is redeemed once, by one till;
given back once; its code cannot be guessed; every coupon tells why it cannot be used now (K01 to K06).

`templates` is the desk of those who make templates (save, approve, change_state, change_stock, add_codes).
"""

from app.membership.coupons.facts import CouponGivenBack as CouponGivenBack
from app.membership.coupons.facts import CouponRedeemed as CouponRedeemed
from app.membership.coupons.facts import CouponStockLow as CouponStockLow
from app.membership.coupons.facts import CouponTaken as CouponTaken
from app.membership.coupons.facts import CouponWithdrawn as CouponWithdrawn
from app.membership.coupons.operations import templates as templates
from app.membership.coupons.operations.issue import grant as grant
from app.membership.coupons.operations.issue import take as take
from app.membership.coupons.operations.stock import ship_stock as ship_stock
from app.membership.coupons.operations.templates import Offering as Offering
from app.membership.coupons.operations.use import redeem_by_code as redeem_by_code
from app.membership.coupons.operations.use import withdraw as withdraw
from app.membership.coupons.queries import get_coupon as get_coupon
from app.membership.coupons.queries import list_coupons as list_coupons
from app.membership.coupons.queries import list_templates as list_templates
from app.membership.coupons.queries import summary_of as summary_of
from app.membership.coupons.refusals import (
    AlreadyRedeemed as AlreadyRedeemed,
)
from app.membership.coupons.refusals import (
    CauseReused as CauseReused,
)
from app.membership.coupons.rules import Coupon as Coupon
from app.membership.coupons.rules import Coverage as Coverage
from app.membership.coupons.rules import Scope as Scope
from app.membership.coupons.rules import Template as Template
from app.membership.coupons.rules import Terms as Terms
from app.membership.coupons.rules import Validity as Validity
