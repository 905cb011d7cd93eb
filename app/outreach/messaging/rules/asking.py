"""For which messages one asks in which tap: those that profit from it (R01)."""

from collections.abc import Mapping, Sequence

# What a person taps → purposes, the most useful first.
TAPS: Mapping[str, Sequence[str]] = {
    "card": ("points_changed", "coupon_expiring", "tier_raised", "points_expiring", "coupon_received"),
    "coupon": ("coupon_expiring", "coupon_received", "points_expiring"),
    "booking": ("booking_confirmed", "booking_tomorrow", "booking_changed", "booking_cancelled"),
    "waiting": ("place_offered", "booking_confirmed", "booking_tomorrow"),
    "order": ("order_shipped", "order_refunded", "points_changed"),
}
# The platform's dialog takes no more.
MOST = 3


def choose(offered: Sequence[str], *, left: Mapping[str, int]) -> list[str]:
    """Three templates at most: those of which the person has given the fewest that are not used yet, in the order offered."""
    distinct = list(dict.fromkeys(offered))
    few = sorted(distinct, key=lambda template: left.get(template, 0))[:MOST]
    return [template for template in distinct if template in few]
