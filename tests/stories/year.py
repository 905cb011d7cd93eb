"""People with random lives beside the product, and a witness who sees every message as it arrives in the sandbox.

The witness knows what people did, and nothing of our tables: who said yes, who refused, who follows, who had their money back.
"""

import datetime as dt
import re
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.kernel import carrier, policy
from app.kernel.database import unit_of_work
from app.membership import bookings, members
from app.outreach import campaigns
from app.outreach.messaging import MessagingPolicy, refusing
from app.outreach.messaging.rules import control
from app.people import privacy
from app.trade import orders
from tests.factories.bookings import a_salon
from tests.factories.channels import says
from tests.factories.coupons import a_coupon, a_template
from tests.factories.members import a_member
from tests.factories.orders import a_report
from tests.factories.people import a_customer, a_phone, a_staff
from tests.factories.points import give
from tests.factories.twins import Selves, whether
from tests.stories.town import Town, write_words

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
HOME = "Asia/Shanghai"
ABROAD = {"America/New_York": "+12125551234", "Europe/London": "+447911123456", "Asia/Tokyo": "+819012345678"}
NIGHT, TEXTS = ((21, 30), (8, 30)), ((20, 30), (9, 0))
PEACE = dt.timedelta(days=7)
CONTROL = 20


@dataclass
class Self:
    """Somebody as they were born: what they said and did, and when. `said`: consent to marketing; `no`: refusals standing."""

    zone: str = HOME
    staff: bool = False
    said: tuple[int, bool] = (0, False)
    refused: dict[str, int] = field(default_factory=dict)
    allowed: dict[str, int] = field(default_factory=dict)
    refunded: list[dt.datetime] = field(default_factory=list)


@dataclass(frozen=True)
class Seen:
    """A message that arrived: to the selves of one person, of campaign `number` (0: a notice)."""

    selves: frozenset[int]
    kind: str
    number: int
    at: dt.datetime


class Witness:
    """Judges every message at the moment it arrives."""

    def __init__(self, town: Town, a_month: int) -> None:
        self.town, self.a_month = town, a_month
        self.lives: dict[int, Self] = {}
        self.present: Callable[[int], frozenset[int]] = lambda who: frozenset({who})
        self.salts: dict[int, str] = {}
        self.seen: list[Seen] = []
        self.wrong: list[str] = []
        keep, texts = town.world.received.keep, town.world.telecom.texts

        def kept(person: Any, *, message: dict[str, Any]) -> None:
            keep(person, message=message)
            self.arrived(
                self._whose(person.person_id), message["kind"], f"{message['title']} {message['rows']}", message["at"]
            )

        def texted(text: Any) -> None:
            texts.append(text)
            self.arrived(self._whose_phone(text.phone), "sms", text.content, text.sent_at)

        town.world.received.keep = kept
        town.world.telecom.texts = _Heard(texts, texted)

    def _whose(self, person_id: str) -> int:
        return next(who for who, known in self.town.persons.items() if known == person_id)

    def _whose_phone(self, phone: str) -> int:
        return next(who for who, known in self.town.phones.items() if known.endswith(phone))

    def arrived(self, who: int, kind: str, words: str, at: float) -> None:
        """Note what is wrong with it."""
        if kind == "passive":
            return
        found = re.search(r"活动(\d+)号", words)
        one = Seen(self.present(who), kind, int(found.group(1)) if found else 0, dt.datetime.fromtimestamp(at, dt.UTC))
        why = [*self._hours(who, one), *self._follower(who, one), *(self._marketing(one) if one.number else ())]
        self.wrong += [f"{reason}: {one}" for reason in why]
        self.seen.append(one)

    def _hours(self, who: int, one: Seen) -> list[str]:
        local = one.at.astimezone(zoneinfo.ZoneInfo(self.lives[who].zone))
        minute = (local.hour, local.minute)
        return [
            f"{name} there"
            for name, (begins, ends), holds in (("night", NIGHT, True), ("no hour for texts", TEXTS, one.kind == "sms"))
            if holds and (minute >= begins or minute < ends)
        ]

    def _follower(self, who: int, one: Seen) -> list[str]:
        person = self.town.world.person(self.town.persons[who])
        left = one.kind in ("template", "service") and not person.follows(self.town.platform.oa_appid)
        return ["not a follower"] if left else []

    def _marketing(self, one: Seen) -> list[str]:
        lives = [self.lives[who] for who in one.selves]
        channel = {"sms": "sms", "service": "oa_service", "template": "oa_template"}.get(one.kind, "mp_subscription")
        before = [other for other in self.seen if other.number and other.selves <= one.selves]
        zone = zoneinfo.ZoneInfo(lives[0].zone)
        now = one.at.astimezone(zone)
        month = [at for other in before if (at := other.at.astimezone(zone)).strftime("%Y%m") == now.strftime("%Y%m")]
        day = [at for at in month if at.date() == now.date()]
        found = {
            "no consent": not max(life.said for life in lives)[1],
            "refused": any(_stands(lives, name) for name in ("", channel)),
            "peace": any(at <= one.at < at + PEACE for life in lives for at in life.refunded),
            "staff": any(life.staff for life in lives),
            "a second today": bool(day),
            "too many this month": len(month) >= self.a_month,
            "control": control.is_control(one.selves, percent=CONTROL, salt=self.salts[one.number]),
            "by template": one.kind == "template",
        }
        return [reason for reason, holds in found.items() if holds]


def _stands(lives: list[Self], channel: str) -> bool:
    """Whether the newest answer of all selves to this channel is no."""
    no = max((life.refused.get(channel, -1) for life in lives), default=-1)
    return no > max((life.allowed.get(channel, -1) for life in lives), default=-1)


class _Heard(list[Any]):
    """The cloud's texts, heard as they are written down."""

    def __init__(self, texts: Any, texted: Callable[[Any], None]) -> None:
        super().__init__()
        self._texts, self._texted = texts, texted

    def append(self, text: Any) -> None:
        self._texted(text)


class Year:
    """The town's people, and what comes to their minds."""

    def __init__(self, town: Town, *, people: int, start: dt.datetime, a_month: int) -> None:
        self.town, self.chance, self.turn = town, town.chance, 0
        town.move(start)
        town.ship_stock()
        self.witness = Witness(town, a_month)
        zones = [HOME] * (people - 5) + [*ABROAD, "staff", "staff"]
        self.people = [self._settle(zone) for zone in zones]
        self.selves = Selves(self.people[: people - 5], ())
        self.groups: dict[int, set[int]] = {}
        self.witness.present = self._present
        with unit_of_work():
            policy.change(MessagingPolicy, marketing_a_month=a_month)
            members.ship_stock(now=start)
            self.salon = a_salon(start, seats=people)
            self.coupon = a_template(now=start, public=False, per_customer=1_000)
            self.lead, self.tester = a_staff(start, role="marketer"), a_customer(start)
            privacy.record_consents(
                customer_id=self.tester,
                answers={"notice": True, "marketing": True},
                version=privacy.notice_version(),
                place="miniprogram",
                now=start,
            )
            for who in self.people:
                a_member(start, customer_id=who)
        for who in self.people:
            with unit_of_work():
                self.agree(who)
                self.chance.choice((self.follow, self.grant, self.grant, self.earn))(who)
        often = [self.agree, self.allow, self.follow, self.say, self.grant, self.earn]
        self.acts: list[Callable[[int], None]] = [
            *often, *often, *often, self.disagree, self.refuse, self.text_r, self.unfollow, self.take_coupon, self.book, self.buy,
        ]  # fmt: skip

    def _settle(self, zone: str) -> int:
        phone = ABROAD.get(zone) or a_phone()
        who = self.town.settle(phone=phone)
        self.witness.lives[who] = Self(zone=HOME if zone == "staff" else zone, staff=zone == "staff")
        if zone == "staff":
            with unit_of_work():
                a_staff(self.town.now, phone=phone)
        return who

    def _present(self, who: int) -> frozenset[int]:
        return frozenset(self.groups.get(who, {who}))

    # ---- what happens to all

    def live(self, share: float) -> None:
        """Something comes to the minds of some; now and then two turn out to be one, or not to be."""
        for who in self.people:
            if self.chance.random() < share:
                self.turn += 1
                with unit_of_work():
                    self.chance.choice(self.acts)(who)
        self.town.carry()

    def merge(self) -> None:
        """Two become one person."""
        who, other = self.chance.sample(range(len(self.selves.ids)), 2)
        with unit_of_work():
            self.selves.merge(who, other, now=self.town.now)

    def undo(self) -> None:
        """One of those is two again, if nobody objects."""
        if not self.selves.merges:
            return
        place = self.chance.randrange(len(self.selves.merges))
        with unit_of_work():
            if not self.selves.objections(place):
                self.selves.undo(place, now=self.town.now)

    def regroup(self) -> None:
        """Tell the witness who is one person now; whom nothing joins that was seen, identity sets apart by itself."""
        with unit_of_work():
            now = {who: self.selves.present(place) for place, who in enumerate(self.selves.ids)}
        standing = [fact for fact in self.selves.merges if now[fact.survivor_id] == now[fact.gone_id]]
        self.selves.merges[:] = standing
        self.groups = {who: {other for other in now if now[other] == now[who]} for who in now}

    def campaign(self, number: int) -> None:
        """To everybody, in two waves, by one channel or another."""
        now = self.town.now
        channels = self.chance.choice((("oa_service", "sms"), ("sms",), ("sms", "oa_service")))
        waves = (campaigns.Wave(60, 0), campaigns.Wave(40, self.chance.choice((60, 300, 700))))
        wanted = campaigns.drafting.Draft(f"活动{number}号", channels, waves=waves, control_percent=CONTROL)
        with unit_of_work():
            found = campaigns.drafting.draft(wanted, staff_id=self.lead, now=now)
            purpose = campaigns.listing.get_campaign(found).purpose
            write_words(purpose.id, f"活动{number}号", now=now)
            campaigns.drafting.test(found, customer_ids=[self.tester], now=now)
            self.witness.salts[number] = purpose.code
        with unit_of_work():
            campaigns.running.start(found, now=now)

    # ---- what one does, as whichever of their selves it is

    def present(self, who: int) -> int:
        """Their customer's id today."""
        return self.selves.present(self.selves.ids.index(who)) if who in self.selves.ids else who

    def _answer(self, who: int, yes: bool) -> None:
        with carrier.carried_by({self.present(who): who}):
            says(self.present(who), self.town.now, marketing=yes)
        self.witness.lives[who].said = (self.turn, yes)

    def agree(self, who: int) -> None:
        self._answer(who, True)

    def disagree(self, who: int) -> None:
        self._answer(who, False)

    def _limit(self, who: int, act: Callable[..., None]) -> None:
        with carrier.carried_by({self.present(who): who}):
            act(self.present(who), channel="", source="miniprogram", now=self.town.now)

    def refuse(self, who: int) -> None:
        """退订."""
        self._limit(who, refusing.refuse)
        self.witness.lives[who].refused[""] = self.turn

    def allow(self, who: int) -> None:
        self._limit(who, refusing.allow)
        self.witness.lives[who].allowed[""] = self.turn

    def text_r(self, who: int) -> None:
        """R, by text."""
        if self.witness.lives[who].zone == HOME and self.chance.random() < 0.3:
            self.town.act(who, "reply_sms", text="R")
            self.witness.lives[who].refused["sms"] = self.turn

    def follow(self, who: int) -> None:
        self.town.act(who, "follow")

    def unfollow(self, who: int) -> None:
        self.town.act(who, "unfollow")

    def say(self, who: int) -> None:
        if self.town.world.person(self.town.persons[who]).follows(self.town.platform.oa_appid):
            self.town.act(who, "say", text="在吗")

    def grant(self, who: int) -> None:
        self.town.grant(who, self.chance.choice(("accept", "accept", "reject")))

    def earn(self, who: int) -> None:
        ends = self.town.now + self.chance.choice((1, 7, 30)) * DAY + 2 * HOUR
        give(self.present(who), self.chance.randrange(1, 500), self.town.now, expires_at=ends)

    def take_coupon(self, who: int) -> None:
        a_coupon(customer_id=self.present(who), template=self.coupon, cause=f"gift:{self.turn}", now=self.town.now)

    def book(self, who: int) -> None:
        starts_at = (self.town.now + DAY).replace(
            hour=self.chance.choice((3, 4, 7, 8, 9)), minute=0, second=0, microsecond=0
        )

        def book() -> None:
            held = bookings.hold(customer_id=self.present(who), service_id=self.salon.service_id,
                                 store_id=self.salon.store_id, starts_at=starts_at, now=self.town.now)  # fmt: skip
            bookings.confirm(booking_id=held.id, customer_id=held.customer_id, now=self.town.now)

        whether(book)

    def buy(self, who: int) -> None:
        """And sometimes give it back at once."""
        now, back = self.town.now, self.chance.random() < 0.3
        refunds = (orders.Refund(f"T{self.turn}", 5_000, now),) if back else ()
        told = a_report(
            number=f"D{self.turn}", reported_at=now, placed_at=now - HOUR, paid_at=now - HOUR, refunds=refunds,
            buyers=(orders.Buyer("phone", "", self.town.phones[who]),),
        )  # fmt: skip
        orders.report_orders([told], source="demo-shop", now=now)
        if back:
            self.witness.lives[who].refunded.append(now)
