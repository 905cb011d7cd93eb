"""A town: people in the sandbox, and the product, each mounted into the other, on one clock that the test moves.

Calls go through the product's own gateways, pushes and receipts through its own doors, work through its own actors: what is
exchanged is the wire alone, and the queue between clock and workers, which here is a list.
"""

import concurrent.futures
import datetime as dt
import random
import threading
from collections.abc import Callable, Sequence
from typing import Any

import flask
import pytest
import requests
from requests.adapters import BaseAdapter
from sqlalchemy import text

from app.gateways import miniprogram
from app.kernel import clock, inbox, outbox
from app.kernel.database import db, unit_of_work
from app.kernel.settings import settings
from app.outreach import materials
from app.outreach.messaging import sending
from app.people import identity
from command_line import demo_messages
from jobs import tasks
from sandbox import InProcessAdapter
from tests.factories.people import a_phone
from tests.factories.platform import Platform

HERE = "http://product.test"
LANES = 3
GRANTED = ("预约到店提醒", "积分变动提醒", "会员等级变更提醒")


class Chance(BaseAdapter):
    """Orders misbehaviour in the sandbox for some of the calls that pass: `faults` gives kinds and how often, by path."""

    def __init__(self, platform: Platform, chance: random.Random) -> None:
        super().__init__()
        self._world, self._inner = platform.app.extensions["world"], InProcessAdapter(platform.app)
        self._chance, self._lock = chance, threading.Lock()
        self.faults: dict[str, float] = {}

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """One call, for which something may be ordered first."""
        path = request.path_url.partition("?")[0]
        if "/message/" in path or path == "/":
            with self._lock, self._world.changing():
                for kind, share in self.faults.items():
                    if self._chance.random() < share:
                        self._world.faults.order(self._fault(kind, "/dysmsapi/SendSms" if path == "/" else path))
        return self._inner.send(request, *args, **kwargs)

    def close(self) -> None:
        """Nothing is held open."""

    @staticmethod
    def _fault(kind: str, path: str) -> dict[str, Any]:
        name, _, code = kind.partition(":")
        return {"kind": name, "path": path} | ({"errcode": int(code)} if code and "sms" not in path else {})


class Town:
    """The sandbox's world with the product behind it."""

    def __init__(
        self, platform: Platform, product: flask.Flask, monkeypatch: pytest.MonkeyPatch, seed: int = 1
    ) -> None:
        self.platform, self.product = platform, product
        self.chance = random.Random(seed)
        self.world: Any = platform.app.extensions["world"]
        self.now = dt.datetime.now(dt.UTC)
        here = settings()
        platform.app.extensions["courier"].mount(f"{HERE}/", product)
        for appid in (platform.appid, platform.oa_appid):
            platform.world(f"apps/{appid}", callback_url=f"{HERE}/oa/v1/callbacks/{appid}")
        receipts = f"{HERE}/oa/v1/receipts"
        platform.world("telecom", report_url=f"{receipts}/sms/{here.telecom_push_key}",
                       up_url=f"{receipts}/sms-replies/{here.telecom_push_key}")  # fmt: skip
        self.world.telecom.reports._running = True  # posted here, not by a thread of its own
        self.calls = Chance(platform, self.chance)
        for base in {here.wechat_api_base, here.sms.base}:
            miniprogram.http().mount(f"{base}/", self.calls)
        # A lane ends when all that is left must rest; whoever hands out lanes begins it again.
        monkeypatch.setattr(sending, "LONGEST_RUN", 0.0)
        monkeypatch.setattr(tasks, "application", lambda: product)
        self.openids: dict[int, dict[str, str]] = {}
        self.phones: dict[int, str] = {}
        self.persons: dict[int, str] = {}

    # ---- time

    def move(self, moment: dt.datetime) -> None:
        """It is that time, for the platform and for us."""
        self.now = moment
        with self.world.changing():
            self.world.clock.set_now(moment.timestamp())
        with unit_of_work():
            clock.set_offset(moment - dt.datetime.now(dt.UTC))

    # ---- people

    def ship_stock(self) -> None:
        """The notices that ship, with the sandbox's templates."""
        with unit_of_work():
            materials.purposes.ship_stock(now=self.now, accounts=demo_messages.accounts())

    def settle(self, *, phone: str = "") -> int:
        """Somebody new, in the world and in our books; follows nothing yet. Gives the customer's id."""
        phone = phone or a_phone()
        person = self.platform.person(phone=phone.removeprefix("+"), name="林晓")
        openids = {one.appid: self.world.person(person["person_id"]).openid_in(one.appid) for one in self.accounts}
        with unit_of_work():
            known = [identity.identifier("openid", openid, scope=app) for app, openid in openids.items()]
            who = identity.recognise(known[:1], source="miniprogram", now=self.now)
            for one in (*known[1:], identity.identifier("phone", phone)):
                identity.attach(customer_id=who, identifier=one, proof="proven", now=self.now)
        self.openids[who], self.phones[who], self.persons[who] = openids, phone, person["person_id"]
        return who

    @property
    def accounts(self) -> list[Any]:
        """The mini-program and the official account, as the world has them."""
        return [self.world.apps[appid] for appid in (self.platform.appid, self.platform.oa_appid)]

    def act(self, who: int, what: str, /, **body: Any) -> Any:
        """They do something in the world; we are told when pushes are carried."""
        return self.platform.world(f"people/{self.persons[who]}/{what}", **body)

    def grant(self, who: int, answer: str = "accept") -> None:
        """They answer the mini-program's question about three templates."""
        ids = [demo_messages.MINIPROGRAM[title] for title in GRANTED]
        self.act(who, "subscribe", template_ids=ids, answer=answer)

    # ---- work

    def carry(self) -> None:
        """What the platform and the cloud have to tell us by now comes in at our doors."""
        self.world.pushes.drain(due_only=True)
        reports = self.world.telecom.reports
        with self.world.changing():
            due = reports.take_due(self.now.timestamp())
        for report in due:
            answer = self.product.test_client().post(report.url.removeprefix(HERE), json=report.rows)
            with self.world.changing():
                reports.note(report, outcome="ok" if answer.status_code == 200 else "no", tried_at=self.now.timestamp())

    def digest(self) -> None:
        """What came in, and what waits in the outbox, is worked out."""
        with unit_of_work():
            messages, rows = inbox.lease_due(now=self.now), outbox.lease_due(now=self.now)
        for start in range(0, len(messages), 50):
            tasks.do_inbox.fn(messages[start : start + 50])
        for row in rows:
            tasks.do_outbox_row.fn(row)

    def send(self) -> None:
        """Several lanes at once, and the sweep."""
        tasks.sweep_messages.fn()
        with unit_of_work():
            due = sending.count_due(now=clock.now())
        if due:
            self.at_once([lambda lane=lane: tasks.send_lane.fn(lane) for lane in range(LANES)])  # type: ignore[misc]

    def work(self) -> None:
        """What clock and workers do at this time, but for the jobs."""
        self.carry()
        self.digest()
        self.send()

    @staticmethod
    def at_once(acts: Sequence[Callable[[], object]]) -> None:
        """All of these in threads of their own, with connections of their own."""
        with concurrent.futures.ThreadPoolExecutor(len(acts)) as pool:
            for future in [pool.submit(act) for act in acts]:
                future.result()

    # ---- what is seen

    def rows(self, query: str, **values: Any) -> list[Any]:
        """From our own tables."""
        with unit_of_work():
            return list(db.session.execute(text(query), values).all())


def write_words(purpose_id: int, said: str, *, now: dt.datetime) -> None:
    """What a campaign says by customer service, and by text."""
    account = next(one.appid for one in settings().wechat_accounts.values() if one.kind == "official_account")
    words = materials.WordsView
    texted = words(
        purpose_id, "sms", "", template_id="SMS_100000021", fields={"words": said}, body="${words}，拒收请回复R"
    )
    for one in (words(purpose_id, "oa_service", account, template_id=None, fields={}, body=said), texted):
        materials.words.save_words(one, now=now)
