"""Purposes, dispatches and deliveries to test with. Call them inside a test's transaction."""

import datetime as dt
import itertools
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.kernel.database import db
from app.outreach import materials
from app.outreach.messaging import Wish, wanting
from app.outreach.messaging.models import Delivery
from app.people import contacts, identity
from sandbox import demo
from tests.factories.platform import Platform

_numbers = itertools.count(1)
ACCOUNT = "wxfedcba9876543210"
# 会员卡绑定成功通知 of the sandbox's account.
TEMPLATE = demo.OA_TEMPLATES[0]["template_id"]
WORDS = {"thing1": "{{name}}", "character_string2": "A100", "phrase3": "银卡会员", "time4": "2026-05-20 12:00"}


def a_purpose(now: dt.datetime, **more: Any) -> materials.PurposeView:
    """A service purpose, pressing, that goes as a template message of the official account."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "code": f"test_{number}", "name": f"测试消息 {number}", "kind": "service", "channels": ("oa_template",),
        "priority": 50, "when_in_doubt": "hold", "valid_minutes": 1440, "pressing": True,
    } | more  # fmt: skip
    return materials.purposes.save(materials.purposes.PurposeDraft(**values), now=now)


def a_worded_purpose(now: dt.datetime, *, template_id: str = TEMPLATE, **more: Any) -> materials.PurposeView:
    """A purpose whose words fill a template that the sandbox's account has."""
    purpose = a_purpose(now, variables={"name": {"title": "姓名", "sample": "林晓"}}, **more)
    words = materials.WordsView(purpose.id, "oa_template", ACCOUNT, template_id=template_id, fields=WORDS)
    materials.words.save_words(words, now=now)
    return purpose


def followers(platform: Platform, count: int, now: dt.datetime) -> list[int]:
    """Customers who follow the sandbox's account, one for each of its followers made by this call; by id."""
    return sorted(following(platform.world("followers", appid=ACCOUNT, count=count)["openids"], now))


def following(openids: Sequence[str], now: dt.datetime) -> list[int]:
    """The customers to whom these followers of the account belong."""
    contacts.following.take([contacts.Change(ACCOUNT, openid, True, now) for openid in openids], now=now)
    found = [identity.find_customer(identity.identifier("openid", openid, scope=ACCOUNT)) for openid in openids]
    return [who for who in found if who is not None]


def wish(customer_id: int, purpose: materials.PurposeView, occasion: str = "x", **more: Any) -> Wish:
    """What `a_worded_purpose` needs to say."""
    return Wish(purpose.code, occasion, {"name": "林晓"}, customer_id=customer_id, **more)


def received(platform: Platform) -> int:
    """How many messages the account's followers have received, by the sandbox's own count."""
    counted = platform.http.get("/_world/received", query_string={"appid": ACCOUNT}).get_json()
    return int(counted["total"])


def want_for(customer_ids: Sequence[int], purpose: materials.PurposeView, now: dt.datetime, occasion: str = "x") -> int:
    """The same message for each of them."""
    return wanting.want([Wish(purpose.code, occasion, {}, customer_id=who) for who in customer_ids], now=now)


def deliveries(**where: Any) -> list[Delivery]:
    """All deliveries, or those with these values, by id, as they are in the database now."""
    query = select(Delivery).filter_by(**where).order_by(Delivery.id)
    return list(db.session.execute(query, execution_options={"populate_existing": True}).scalars())


def states() -> list[tuple[str, str | None]]:
    """State and reason of every delivery, by id."""
    return [(row.state, row.reason) for row in deliveries()]


def a_sent_delivery(customer_id: int, now: dt.datetime, *, link: str = "", **values: Any) -> int:
    """A message that this person was sent by the official account, whose link leads there; the delivery's id."""
    purpose = a_worded_purpose(now)
    if link:
        words = materials.WordsView(purpose.id, "oa_template", ACCOUNT, template_id=TEMPLATE, fields=WORDS, link=link)
        materials.words.save_words(words, now=now)
    wanting.want([Wish(purpose.code, "sent", {"name": "林晓", **values}, customer_id=customer_id)], now=now)
    (row,) = deliveries(customer_id=customer_id, purpose_id=purpose.id)
    row.state, row.channel, row.account, row.attempts, row.sent_at = "sent", "oa_template", ACCOUNT, 1, now
    db.session.flush()
    return row.id
