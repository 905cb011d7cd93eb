"""The points mall: points for coupons and gifts.

Promises: stock and per-member limits are kept by the statement that takes; points and goods move in one transaction or not
at all; an exchange repeated is the first exchange again.
"""
