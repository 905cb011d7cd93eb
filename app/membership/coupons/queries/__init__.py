"""Questions about coupons."""

from app.membership.coupons.queries.baskets import judge as judge
from app.membership.coupons.queries.coupons import coupon_from as coupon_from
from app.membership.coupons.queries.coupons import find_coupons as find_coupons
from app.membership.coupons.queries.coupons import find_own_coupon as find_own_coupon
from app.membership.coupons.queries.coupons import get_coupon as get_coupon
from app.membership.coupons.queries.coupons import list_coupons as list_coupons
from app.membership.coupons.queries.coupons import list_offers as list_offers
from app.membership.coupons.queries.coupons import lock_coupons as lock_coupons
from app.membership.coupons.queries.coupons import summary_of as summary_of
from app.membership.coupons.queries.templates import find_by_occasion as find_by_occasion
from app.membership.coupons.queries.templates import get_template as get_template
from app.membership.coupons.queries.templates import list_offered as list_offered
from app.membership.coupons.queries.templates import template_from as template_from
