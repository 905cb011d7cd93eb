"""Every channel to the simulated platform, through the gateways that ship; and what its refusals teach."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from app.kernel.database import db
from app.outreach import materials
from app.outreach.messaging import grants, limits, sending, wanting, windows
from app.outreach.messaging.models import Delivery, Grant, ServiceWindow
from app.outreach.messaging.rules.quotas import Limit
from app.people import contacts, identity
from tests.factories.channels import OA, a_purpose
from tests.factories.messages import a_worded_purpose, deliveries, followers, received, states, wish
from tests.factories.people import APPID, a_customer
from tests.factories.platform import Platform

pytestmark = pytest.mark.usefixtures("database")
REMINDER = "Gy1BookingReminder0000000000000000000000001"
STARTING = f"GyOaNotice{101:033d}"
SUBSCRIBE, SERVICE = "/cgi-bin/message/subscribe/send", "/cgi-bin/message/custom/send"
SEND = "/cgi-bin/message/template/send"
SAID = {"thing1": "{{name}}", "time2": "2026-05-21 14:00", "thing3": "杭州湖滨店", "thing4": "请准时到店"}
WORDS: dict[str, dict[str, Any]] = {
    "mp_subscription": {"account": APPID, "template_id": REMINDER, "fields": SAID, "page": "pages/index/index"},
    "oa_subscription": {"account": OA, "template_id": STARTING, "fields": {k: SAID[k] for k in ("thing1", "time2", "thing3")}},
    "oa_service": {"account": OA, "body": "{{name}}，您好", "page": "pages/index?a=1", "fields": {"title": "看看"}},
    "sms": {"account": "", "template_id": "SMS_100000021", "fields": {"words": "{{name}}，您好"},
            "body": "${words}，拒收请回复R"},
    "voice": {"account": "", "template_id": "TTS_100000002", "fields": {"brand": "归一", "words": "{{name}}"},
              "body": "您好，这里是${brand}的自动语音。${words}。"},
}  # fmt: skip


@dataclass
class Known:
    """Somebody of the simulated world, whom the brand knows by everything."""

    customer_id: int
    person: Any


@pytest.fixture
def known(platform: Platform, now: dt.datetime) -> Known:
    """They follow the account, said something to it, and allowed one message of each kind."""
    person = platform.person(phone="13912345678")
    here = f"people/{person['person_id']}"
    platform.world(f"{here}/follow", appid=OA)
    platform.world(f"{here}/say", appid=OA, text="在吗")
    platform.world(f"{here}/subscribe", appid=APPID, template_id=REMINDER)
    platform.world(f"{here}/oa_subscribe", appid=OA, answers={STARTING: "accept"})
    openids = person["openids"]
    ids = [identity.identifier("openid", openids[app], scope=app) for app in (APPID, OA)]
    customer_id = identity.recognise([ids[0]], source="miniprogram", now=now)
    for each in (ids[1], identity.identifier("phone", "13912345678")):
        identity.attach(customer_id=customer_id, identifier=each, proof="proven", now=now)
    contacts.following.take([contacts.Change(OA, openids[OA], follows=True, at=now)], now=now)
    windows.open(OA, openid=openids[OA], opened_by="message", now=now)
    given = ((APPID, REMINDER), (OA, STARTING))
    grants.take([grants.GrantChange(app, openids[app], template, "accept") for app, template in given], now=now)
    return Known(customer_id, person)


def want(known: Known, now: dt.datetime, *channels: str, occasion: str = "x") -> None:
    purpose = a_purpose(now, variables={"name": {"title": "姓名", "sample": "林晓"}})
    drafted = materials.purposes.PurposeDraft(
        purpose.code, purpose.name, "service", channels, pressing=True, variables=purpose.variables
    )
    materials.purposes.save(drafted, now=now)
    for channel in channels:
        materials.words.save_words(materials.WordsView(purpose.id, channel, **WORDS[channel]), now=now)
    wanting.want([wish(known.customer_id, purpose, occasion)], now=now)


def came(platform: Platform) -> dict[str, int]:
    kinds: dict[str, int] = platform.http.get("/_world/received").get_json()["kinds"]
    return kinds


@pytest.mark.parametrize(
    ("channel", "kind"),
    [("mp_subscription", "subscription"), ("oa_subscription", "subscription"), ("oa_service", "service"),
     ("sms", "sms"), ("voice", "voice")],
)  # fmt: skip
def test_each_channel_arrives(platform: Platform, known: Known, now: dt.datetime, channel: str, kind: str) -> None:
    eleven = now - dt.timedelta(hours=1)  # at noon nobody is called
    want(known, eleven, channel)

    assert sending.send_due(now=eleven) == 1

    assert states() == [("sent", None)]
    assert came(platform) == {kind: 1}


def test_an_answer_in_the_chat_leads_into_the_mini_program(platform: Platform, known: Known, now: dt.datetime) -> None:
    want(known, now, "oa_service")
    sending.send_due(now=now)

    (call,) = platform.calls(SERVICE)
    said = str(call)

    assert "林晓，您好" in said
    assert "data-miniprogram-appid" in said
    assert "pages/index?a=1&amp;d=" in said
    assert ">看看</a>" in said


def a_card(known: Known, now: dt.datetime) -> None:
    purpose = a_purpose(now)
    drafted = materials.purposes.PurposeDraft(purpose.code, purpose.name, "service", ("oa_service",), pressing=True)
    materials.purposes.save(drafted, now=now)
    words = materials.WordsView(purpose.id, "oa_service", OA, fields={"title": "领取会员卡"}, page="pages/card/index")
    materials.words.save_words(words, now=now)
    for number in range(2):
        wanting.want([wish(known.customer_id, purpose, f"card:{number}")], now=now)


def test_a_title_and_a_page_are_a_card_whose_picture_is_uploaded_once(
    platform: Platform, known: Known, now: dt.datetime
) -> None:
    a_card(known, now)
    sending.send_due(now=now)

    cards = [call for call in platform.calls(SERVICE) if "miniprogrampage" in str(call)]
    assert len(cards) == 2
    assert "领取会员卡" in str(cards[0])
    assert len(platform.calls("/cgi-bin/media/upload")) == 1


def test_where_the_picture_cannot_be_uploaded_a_line_leads_to_the_page(
    platform: Platform, known: Known, now: dt.datetime
) -> None:
    platform.fault("/cgi-bin/media/upload", "errcode", errcode=45009, times=0)
    a_card(known, now)
    sending.send_due(now=now)

    assert all(">领取会员卡</a>" in str(call) for call in platform.calls(SERVICE))
    assert states() == [("sent", None), ("sent", None)]


def test_R01_a_grant_that_the_platform_does_not_have_is_void_and_the_next_channel_is_used(
    platform: Platform, known: Known, now: dt.datetime
) -> None:
    openid = known.person["openids"][APPID]
    grants.take([grants.GrantChange(APPID, openid, REMINDER, "accept")] * 3, now=now)
    platform.fault(SUBSCRIBE, "errcode", errcode=43101)
    want(known, now, "mp_subscription", "sms")

    sending.send_due(now=now)

    assert [(row.state, row.channel) for row in db.session.scalars(select(Delivery))] == [("sent", "sms")]
    row = db.session.scalars(
        select(Grant).where(Grant.account == APPID), execution_options={"populate_existing": True}
    ).one()
    assert row.given == row.used


def test_a_window_that_the_platform_does_not_have_is_shut(platform: Platform, known: Known, now: dt.datetime) -> None:
    platform.fault(SERVICE, "errcode", errcode=45015)
    want(known, now, "oa_service", "sms")

    sending.send_due(now=now)

    assert [(row.state, row.channel) for row in db.session.scalars(select(Delivery))] == [("sent", "sms")]
    row = db.session.scalars(select(ServiceWindow), execution_options={"populate_existing": True}).one()
    assert row.remaining == 0


def usage(now: dt.datetime) -> limits.Usage:
    return next(one for one in limits.usage(OA, now=now) if one.channel == "oa_template")


@pytest.mark.parametrize(("code", "until"), [(45009, dt.timedelta(hours=12)), (45011, dt.timedelta(minutes=1))])
def test_a_limit_of_which_the_platform_tells_closes_the_account_until_it_ends(
    platform: Platform, now: dt.datetime, code: int, until: dt.timedelta
) -> None:
    purpose = a_worded_purpose(now, valid_minutes=10_000)
    people = followers(platform, 6, now)
    platform.fault(SEND, "errcode", errcode=code)
    wanting.want([wish(people[0], purpose)], now=now)
    sending.send_due(now=now)
    wanting.want([wish(who, purpose) for who in people[1:]], now=now)

    assert sending.send_due(now=now) == 0

    assert (usage(now).closed_until, usage(now).closed_why) == (now + until, str(code))
    assert sending.send_due(now=now + until + dt.timedelta(minutes=1)) == 6
    assert received(platform) == 6


def test_the_days_quota_is_used_to_the_last_and_never_exceeded(platform: Platform, now: dt.datetime) -> None:
    purpose = a_worded_purpose(now, valid_minutes=10_000)
    limits.set_limit(OA, channel="oa_template", limit=Limit(1000, 50, 0), now=now)
    platform.world(f"apps/{OA}", limits={SEND: {"daily": 50}})
    wanting.want([wish(who, purpose) for who in followers(platform, 80, now)], now=now)

    assert sending.send_due(now=now) == 50

    assert received(platform) == 50
    assert (usage(now).today, usage(now).closed_until) == (50, None)


def test_who_waits_for_a_spent_quota_does_not_keep_back_whom_another_way_reaches(
    platform: Platform, known: Known, now: dt.datetime
) -> None:
    limits.set_limit(OA, channel="oa_template", limit=Limit(1_000, 0), now=now)
    purpose = a_worded_purpose(now, channels=("oa_template", "sms"))
    materials.words.save_words(materials.WordsView(purpose.id, "sms", **WORDS["sms"]), now=now)
    by_text = a_customer(now, phone="13912345679")
    wanting.want([wish(known.customer_id, purpose)], now=now)
    wanting.want([wish(by_text, purpose)], now=now)

    assert sending.send_due(now=now, in_flight=1) == 1

    assert {row.customer_id: row.state for row in deliveries()} == {known.customer_id: "planned", by_text: "sent"}
