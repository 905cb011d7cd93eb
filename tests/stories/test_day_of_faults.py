"""A day on which the platform misbehaves: every message ends truly, and the platform counts for each person what we count."""

import datetime as dt
from collections import Counter
from typing import Any

import flask
import pytest

from app.kernel.database import unit_of_work
from app.membership import bookings, members
from app.outreach import campaigns
from app.trade import orders
from tests.conftest import FULL_SIZE
from tests.factories.bookings import Salon, a_salon
from tests.factories.channels import says
from tests.factories.coupons import a_coupon, a_template
from tests.factories.members import a_member
from tests.factories.orders import a_report
from tests.factories.people import a_staff
from tests.factories.platform import Platform
from tests.factories.points import give
from tests.factories.twins import whether
from tests.stories.town import Town, write_words

EIGHT = dt.datetime(2026, 5, 20, 0, 0, tzinfo=dt.UTC)  # eight in the morning in Shanghai
HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
PEOPLE, EVERY_HOURS = (240, 1) if FULL_SIZE else (24, 3)
# How often a call comes to this. Lost: the message leaves, its answer does not come.
FAULTS = {
    "lost_answer": 0.1, "http_error": 0.04, "busy": 0.04, "cut_short": 0.01, "expire_tokens": 0.05, "errcode:45011": 0.01,
}  # fmt: skip
PUSH_FAULTS = {"push_duplicate": 0.2, "push_reorder": 0.2, "push_delay": 0.1, "push_lost": 0.05}
RECEIPTS = ("TEMPLATESENDJOBFINISH", "subscribe_msg_sent_event", "SmsReport")


class Day:
    """The people, the shop, and what happens in it."""

    def __init__(self, town: Town) -> None:
        self.town, self.chance = town, town.chance
        town.move(EIGHT)
        town.ship_stock()
        self.people = [town.settle() for _ in range(PEOPLE)]
        with unit_of_work():
            members.ship_stock(now=EIGHT)
            self.salon: Salon = a_salon(EIGHT, seats=PEOPLE)
            self.coupon = a_template(now=EIGHT, public=False, per_customer=1_000)
            for who in self.people:
                says(who, EIGHT, marketing=True)
        self.number = 0

    def begin(self) -> None:
        """Half of them follow, half of these write; others let the mini-program write; the rest have a phone."""
        for place, who in enumerate(self.people):
            if place % 2:
                self.town.act(who, "follow")
            elif place % 4:
                for _ in range(6):
                    self.town.grant(who)
            if place % 4 == 3:
                self.town.act(who, "say", text="在吗")
        self.town.work()
        with unit_of_work():
            for who in self.people:
                a_member(EIGHT, customer_id=who)

    def campaign(self) -> None:
        """To everybody: by customer service, else by text."""
        now = self.town.now
        wanted = campaigns.drafting.Draft(name="会员日", channels=("oa_service", "sms"), control_percent=10)
        with unit_of_work():
            found = campaigns.drafting.draft(wanted, staff_id=a_staff(now, role="marketer"), now=now)
            purpose = campaigns.listing.get_campaign(found).purpose
            write_words(purpose.id, "周末到店送小样", now=now)
            campaigns.drafting.test(found, customer_ids=self.people[:2], now=now)
        with unit_of_work():
            campaigns.running.start(found, now=now)

    def happen(self) -> None:
        """Two things for most of them."""
        for who in (*self.people, *self.people):
            if self.chance.random() < 0.8:
                with unit_of_work():
                    self.chance.choice((self.earn, self.take_coupon, self.book, self.buy))(who)

    def earn(self, who: int) -> None:
        give(who, self.chance.randrange(1, 500), self.town.now)

    def take_coupon(self, who: int) -> None:
        self.number += 1
        a_coupon(customer_id=who, template=self.coupon, cause=f"gift:{self.number}", now=self.town.now)

    def book(self, who: int) -> None:
        later = self.town.now.replace(minute=0, second=0, microsecond=0) + dt.timedelta(days=1)
        starts_at = later.replace(hour=self.chance.choice((3, 4, 7, 8, 9)))
        place = {"service_id": self.salon.service_id, "store_id": self.salon.store_id, "starts_at": starts_at}
        whether(lambda: self._book(who, place))

    def _book(self, who: int, place: dict[str, Any]) -> None:
        held = bookings.hold(customer_id=who, **place, now=self.town.now)
        bookings.confirm(booking_id=held.id, customer_id=who, now=self.town.now)

    def buy(self, who: int) -> None:
        """And give it back: points come and go, and the refund is told."""
        self.number += 1
        now = self.town.now
        told = a_report(
            number=f"D{self.number}", reported_at=now, placed_at=now - HOUR, paid_at=now - HOUR,
            buyers=(orders.Buyer("phone", "", self.town.phones[who]),),
            refunds=(orders.Refund(f"T{self.number}", 5_000, now),),
        )  # fmt: skip
        orders.report_orders([told], source="demo-shop", now=now)


def moments() -> list[dt.datetime]:
    """At every hour something happens; then the clock looks again and again, as calls that failed are repeated. At night, and
    until the next evening, it only looks."""
    found = []
    for hour in range(0, 15, EVERY_HOURS):
        found += [EIGHT + hour * HOUR + minutes * MINUTE for minutes in (0, 1, 2, 4, 8, 16, 31)]
    return found + [EIGHT + hour * HOUR + MINUTE for hour in (16, 20, 24, 25, 26, 28, 30, 33, 36)]


def misbehave(town: Town, moment: dt.datetime) -> None:
    """What is ordered for this minute: the token is revoked, receipts go astray, in the evening the day's quota is spent."""
    town.calls.faults = FAULTS if moment < EIGHT + 24 * HOUR else {}
    town.platform.world(f"apps/{town.platform.oa_appid}/expire_tokens")
    if moment == EIGHT + 12 * HOUR:
        town.platform.fault("/cgi-bin/message/subscribe/send", "errcode", errcode=45009)
    with town.world.changing():
        for event in RECEIPTS:
            for kind, share in PUSH_FAULTS.items():
                if town.chance.random() < share:
                    seconds = town.chance.choice((30, 300, 600))
                    town.world.faults.order(
                        {"path": f"push:{event}", "kind": kind, "seconds": seconds if "delay" in kind else 0}
                    )


def ours(town: Town) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """What each got by our books, and what each may have got besides, by address and template."""
    rows = town.rows("""
        SELECT it.state, it.customer_id, attempt.account, attempt.channel, attempt.template_id FROM delivery AS it
        JOIN delivery_attempt AS attempt ON attempt.delivery_id = it.id AND attempt.number = it.attempts
        WHERE it.state IN ('sent', 'delivered', 'in_doubt')""")
    sent, doubted = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for row in rows:
        texted = row.channel == "sms"
        where = town.phones[row.customer_id] if texted else town.openids[row.customer_id][row.account]
        (doubted if row.state == "in_doubt" else sent)[where, row.template_id or row.channel] += 1
    return sent, doubted


def theirs(town: Town) -> Counter[tuple[str, str]]:
    """What each received, by the sandbox's own count."""
    found = Counter[tuple[str, str]]()
    for to, row in town.platform.http.get("/_world/received").get_json()["received"].items():
        found += Counter({(to, template): number for template, number in row["templates"].items()})
        found[to, "oa_service"] += row["kinds"].get("service", 0)
    return +found


def unfinished(town: Town) -> list[Any]:
    """What is still on its way, or doubted without being shown to anybody."""
    return town.rows("""
        SELECT id, state, reason FROM delivery WHERE state IN ('planned', 'sending')
        OR (state = 'in_doubt' AND reason <> 'lost')""")


def test_every_message_ends_truly_and_the_platform_counts_what_we_count(
    committed: flask.Flask, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    with committed.app_context():
        town = Town(platform, committed, monkeypatch)
        day = Day(town)
        day.begin()
        for moment in moments():
            town.move(moment)
            misbehave(town, moment)
            if moment.minute == 0:
                day.happen()
            if moment == EIGHT + 6 * HOUR:
                day.campaign()
            town.work()
        (sent, doubted), received = ours(town), theirs(town)

        assert unfinished(town) == []
        assert received.total() > 4 * PEOPLE
        assert 0 < doubted.total() < received.total() / 4
        assert sent - received == Counter(), "we say sent, and nobody has it"
        assert received - sent - doubted == Counter(), "received more often than we know"
