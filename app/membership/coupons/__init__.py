"""Coupons: templates, taking, granting, locking for an order, redeeming, giving back.

Promises: stock, budget and per-member limit are kept by the statement that takes; a coupon is redeemed once, by one till;
given back once; its code cannot be guessed; every coupon tells why it cannot be used now (K01 to K06).
"""
