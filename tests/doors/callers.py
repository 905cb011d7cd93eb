"""Every kind of caller, with something of their own, so that the doors have something to say to each."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from app.kernel import clock, ids
from app.kernel.database import unit_of_work
from app.membership import bookings, points, rewards
from app.outreach import materials
from app.people import identity, teams
from app.trade import orders, products
from tests.factories.bookings import Salon, a_booking, a_salon
from tests.factories.coupons import a_coupon, a_template
from tests.factories.members import a_member
from tests.factories.messages import a_sent_delivery
from tests.factories.orders import a_product, a_report
from tests.factories.people import a_customer, a_phone, a_staff, signed_in, signed_in_staff
from tests.factories.rewards import a_reward


@dataclass
class Callers:
    """`people` by kind of caller; `owned` and `foreign` say, by parameter, sealed ids of the member and of another one;
    `values` true ids of what everybody may name."""

    people: dict[str, int] = field(default_factory=dict)
    owned: dict[str, str] = field(default_factory=dict)
    foreign: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    def sign_in(self, kind: str) -> dict[str, str]:
        """Headers of this kind of caller, in a session of its own."""
        if kind not in self.people:
            return {}
        return (signed_in_staff if kind in teams.ROLES else signed_in)(self.people[kind])


def arrange() -> Callers:
    """A brand with one of everything. Call inside an application context."""
    here, now = Callers(), clock.now()
    with unit_of_work():
        salon, product = a_salon(now, seats=4), a_product(now)
        free = a_salon(now, seats=4)
        found = products.find_products_by_codes([product.code])[product.code]
        here.values = {
            "store_id": ids.seal("store", free.store_id),
            "store": ids.seal("store", free.store_id),
            "service_id": ids.seal("booking_service", free.service_id),
            "service": ids.seal("booking_service", free.service_id),
            "template_id": ids.seal("coupon_template", a_template(now=now, per_customer=1_000).id),
            "reward_id": ids.seal("reward", a_reward(now, points=1).id),
            "purpose_id": ids.seal("message_purpose", _a_message(now)),
            "product_code": product.code,
            "starts_at": _tomorrow(now, 15).isoformat(),
            "day": str(clock.brand_day(now)),
            "tap": "card",
        }
        member = a_member(now)
        here.owned = _belongings(member, salon, now) | {
            "store_id": here.values["store_id"],
            "product_id": ids.seal("product", found.id),
            "channel": "demo-shop",
            "template_id": here.values["template_id"],
            "purpose_id": here.values["purpose_id"],
        }
        here.foreign = _belongings(a_member(now), salon, now)
        here.people = {"guest": a_customer(now), "member": member}
        here.people |= {role: a_staff(now, role=role, store_id=salon.store_id) for role in teams.ROLES}
    return here


def _tomorrow(now: dt.datetime, hour: int) -> dt.datetime:
    return clock.start_of_day(clock.brand_day(now) + dt.timedelta(days=1)) + dt.timedelta(hours=hour)


def _belongings(customer_id: int, salon: Salon, now: dt.datetime) -> dict[str, str]:
    points.earn(customer_id=customer_id, amount=10_000, cause="gift:1", why="见面礼", now=now)
    exchange = rewards.exchange(customer_id=customer_id, reward_id=a_reward(now).id, cause="exchange:1", now=now)
    waiting = bookings.waiting.join(
        customer_id=customer_id, service_id=salon.service_id, store_id=salon.store_id, day=clock.brand_day(now), now=now
    )
    phone = a_phone()
    known = identity.identifier("phone", phone)
    identity.attach(customer_id=customer_id, identifier=known, proof="picked", now=now)
    number = f"R-{customer_id}"
    told = a_report(number=number, buyers=(orders.Buyer("phone", "", phone),))
    order = orders.report_orders([told], source="test", now=now)[0]
    return {
        "delivery_id": ids.seal("delivery", a_sent_delivery(customer_id, now)),
        "booking_id": ids.seal("booking", a_booking(now, salon, _tomorrow(now, 14), customer_id=customer_id).id),
        "coupon_id": ids.seal("coupon", a_coupon(customer_id=customer_id, now=now).id),
        "exchange_id": ids.seal("reward_exchange", exchange.id),
        "waiting_id": ids.seal("booking_waiting", waiting.id),
        "order_id": ids.seal("order", order.order_id or 0),
        "customer_id": ids.seal("member", customer_id),
        "number": number,
        "person_id": ids.seal("customer", customer_id),
        "other_id": ids.seal("customer", a_customer(now)),
        "life_id": ids.seal("identity", 1),
        "merge_id": ids.seal("merge", 1),
        "rule_id": ids.seal("reply_rule", 1),
        "talk_id": ids.seal("conversation", 1),
        "campaign_id": ids.seal("campaign", 1),
    }


def _a_message(now: dt.datetime) -> int:
    accounts = materials.templates.accounts_of_the_brand()
    materials.purposes.ship_stock(now=now, accounts=accounts)
    return materials.purposes.find("points_changed").id
