"""Receipts without an id find their message by person, account, template and order, or wait."""

import datetime as dt
from typing import Any

from app.outreach.messaging.rules.pairing import pair
from tests.conftest import NOW


def told(number: int, seconds: int, template: str = "T", who: int = 1) -> dict[str, Any]:
    return {"id": number, "customer_id": who, "account": "a", "template_id": template, "at": after(seconds)}


def sent(number: int, seconds: int, state: str = "sent", **more: Any) -> dict[str, Any]:
    return {"id": number, "customer_id": 1, "account": "a", "template_id": "T", "state": state,
            "channel": "mp_subscription", "started_at": after(seconds)} | more  # fmt: skip


def after(seconds: int) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


def test_the_first_told_is_the_first_sent() -> None:
    assert pair([told(8, 20), told(7, 10)], [sent(1, 0), sent(2, 5)]) == [(7, 1), (8, 2)]


def test_what_was_told_before_it_was_sent_is_not_of_it() -> None:
    assert pair([told(7, 0)], [sent(1, 60)]) == []


def test_nobody_guesses_which_of_two_in_doubt_arrived() -> None:
    assert pair([told(7, 20)], [sent(1, 0, "in_doubt"), sent(2, 5)]) == []
    assert pair([told(7, 2)], [sent(1, 0, "in_doubt"), sent(2, 15)]) == [(7, 1)]
    assert pair([told(7, 20), told(8, 21)], [sent(1, 0, "in_doubt"), sent(2, 5)]) == [(7, 1), (8, 2)]


def test_persons_templates_and_channels_are_kept_apart() -> None:
    assert pair([told(7, 20, who=2)], [sent(1, 0)]) == []
    assert pair([told(7, 20, template="U")], [sent(1, 0)]) == []
    assert pair([told(7, 20, template="")], [sent(1, 0)]) == []
    assert pair([told(7, 20, template="")], [sent(1, 0, "in_doubt", channel="oa_template")]) == [(7, 1)]
