"""Which receipt tells of which message, where neither names the other: by person, account, template and order."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

# Clocks differ, and platforms tell whole seconds.
SKEW = dt.timedelta(seconds=5)
_Row = Mapping[str, Any]


def pair(told: Sequence[_Row], sent: Sequence[_Row]) -> list[tuple[int, int]]:
    """(receipt, delivery) pairs. `sent`: in the order of sending.

    Nobody guesses: where fewer were told than are open, and one of these is in doubt, only what can be no other is paired.
    """
    heard: defaultdict[tuple[Any, ...], list[_Row]] = defaultdict(list)
    for one in sorted(told, key=lambda row: (row["at"], row["id"])):
        heard[one["customer_id"], one["account"], one["template_id"]].append(one)
    pairs = []
    for (customer_id, account, template_id), receipts in heard.items():
        open_ = [
            one
            for one in sent
            if (one["customer_id"], one["account"]) == (customer_id, account)
            and (
                one["template_id"] == template_id if template_id else one["channel"] in ("oa_template", "sms", "voice")
            )
        ]
        pairs += _in_order(receipts, open_)
    return pairs


def _in_order(receipts: Sequence[_Row], open_: list[_Row]) -> list[tuple[int, int]]:
    certain = len(receipts) >= len(open_) or all(one["state"] == "sent" for one in open_)
    pairs = []
    for receipt in receipts:
        possible = [one for one in open_ if one["started_at"] <= receipt["at"] + SKEW]
        if possible and (certain or len(possible) == 1):
            pairs.append((receipt["id"], possible[0]["id"]))
            open_ = [one for one in open_ if one is not possible[0]]
    return pairs
