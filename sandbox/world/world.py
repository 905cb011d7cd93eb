"""The whole simulated world in memory, behind one lock."""

import itertools
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sandbox import demo
from sandbox.settings import Settings
from sandbox.world import ids
from sandbox.world.apps import (
    MINIPROGRAM,
    OFFICIAL_ACCOUNT,
    App,
    BadWorldInput,
    app_from_json,
    app_to_json,
    change_app,
    new_app,
    template_from,
    usual_channel,
)
from sandbox.world.books import Book, book_from_json
from sandbox.world.calls import Calls
from sandbox.world.clock import Clock
from sandbox.world.codes import Codes
from sandbox.world.faults import Faults
from sandbox.world.mass_jobs import MassJobs
from sandbox.world.people import People, Person, person_from_json, person_to_json
from sandbox.world.pushes import Push, Pushes
from sandbox.world.qr_codes import QrCode, permanent_codes
from sandbox.world.quotas import Quotas
from sandbox.world.received import Received, Tally
from sandbox.world.state_file import StateFile
from sandbox.world.switches import Switches
from sandbox.world.telecom import Telecom
from sandbox.world.tokens import Tokens
from sandbox.world.web_logins import WebLogins


class NotInWorld(LookupError):
    """No such person, app or template."""


class World:
    """Everything the sandbox remembers. Whoever reads or changes it holds `changing()`."""

    def __init__(self, settings: Settings) -> None:
        self._lock = threading.RLock()
        self._settings = settings
        self._state = StateFile(settings.state_file) if settings.state_file else None
        self._touched: dict[tuple[str, str], App | Person | Tally | Book] = {}
        self.busy_users: set[str] = set()
        self.clock = Clock(offset=settings.clock_offset)
        self.pushes = Pushes(now=self.now)
        # 64-bit, beyond what a JavaScript number holds, and not repeated after a restart.
        self._message_ids = itertools.count(time.time_ns() // 1000 * 1000)
        self._begin()
        self._load()

    def _begin(self) -> None:
        self.apps: dict[str, App] = {}
        self.people = People()
        self.codes = Codes()
        self.tokens = Tokens()
        self.quotas = Quotas()
        self.faults = Faults()
        self.calls = Calls()
        self.switches = Switches()
        self.encrypted_hashes: dict[str, tuple[str, int]] = {}
        self.code_pages: dict[str, set[str]] = {}
        self.screens: dict[tuple[str, str], dict[str, str]] = {}
        self.qr_codes: dict[str, QrCode] = {}
        self.telecom = Telecom(self._settings.telecom)
        self.received = Received()
        self.same_sends: dict[tuple[str, str, str], tuple[float, int]] = {}
        self.books: dict[str, Book] = {}
        self.web_logins = WebLogins()
        self.mass_jobs = MassJobs()
        self.typing: dict[tuple[str, str], float] = {}
        self._add_demo_apps()

    def _add_demo_apps(self) -> None:
        settings = self._settings
        app = new_app(settings.appid, secret=settings.secret)
        change_app(app, body={"name": demo.NAME, "pages": settings.pages, "templates": demo.TEMPLATES})
        account = new_app(settings.oa_appid, kind=OFFICIAL_ACCOUNT, secret=settings.oa_secret)
        change_app(account, body={"name": demo.OA_NAME, "templates": demo.OA_TEMPLATES})
        for one in (app, account):
            self.apps[one.appid] = one
            self._set_from_outside(one)

    def _set_from_outside(self, app: App) -> None:
        """What the start-up settings say holds over what was kept of an earlier run."""
        start = self._settings
        if app.appid == start.appid:
            app.secret, app.callback_url = start.secret, start.callback_url or app.callback_url
            app.push_token, app.push_aes_key = start.push_token, start.push_aes_key
        elif app.appid == start.oa_appid:
            app.secret, app.callback_url = start.oa_secret, start.oa_callback_url or app.callback_url
            app.push_token, app.push_aes_key = start.oa_token, start.oa_aes_key

    def _load(self) -> None:
        if self._state is None:
            return
        for body in self._state.kept("app"):
            app = app_from_json(body)
            self._set_from_outside(app)
            self.apps[app.appid] = app
        for body in self._state.kept("person"):
            self.people.add(person_from_json(body), appids=self.apps)
        for body in self._state.kept("received"):
            self.received.put_back(body)
        for body in self._state.kept("book"):
            book = self.books[str(body["appid"])] = book_from_json(body)
            self.qr_codes |= permanent_codes(book)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Holds the world; what was touched inside is kept before it is let go."""
        with self._lock:
            yield
            if self._state is not None and self._touched:
                self._state.keep([(kind, key, _kept(thing)) for (kind, key), thing in self._touched.items()])
            self._touched.clear()

    def touch(self, thing: App | Person | Tally | Book) -> None:
        if self._state is None:
            return
        if isinstance(thing, Person):
            self._touched["person", thing.person_id] = thing
        elif isinstance(thing, Tally):
            self._touched["received", thing.key] = thing
        elif isinstance(thing, Book):
            self._touched["book", thing.appid] = thing
        else:
            self._touched["app", thing.appid] = thing

    def book(self, appid: str) -> Book:
        """What this account keeps at the platform; empty at first."""
        return self.books.setdefault(appid, Book(appid=appid))

    def next_message_id(self) -> int:
        return next(self._message_ids)

    def push(
        self,
        app: App,
        *,
        person: Person,
        fields: dict[str, Any],
        sender: str | None = None,
        shows_replies: bool = False,
        delay: float = 0.0,
    ) -> Push | None:
        """Tells the product behind the app of a message or an event of this person, `delay` seconds from now. `fields`
        is what follows CreateTime; `sender` stands in FromUserName instead of the openid. Nothing happens, and None
        is returned, while the app has no callback address."""
        if not app.callback_url:
            return None
        now, openid = self.now(), person.openid_in(app.appid)
        head = {"ToUserName": app.original_id, "FromUserName": sender or openid, "CreateTime": int(now + delay)}
        name = str(fields.get("Event") or fields.get("MsgType") or "message")
        push = Push(
            push_id=self.pushes.next_id(),
            appid=app.appid,
            openid=openid,
            person_id=person.person_id,
            name=name,
            fields={**head, **fields},
            made_at=now,
            due_at=now + delay,
            shows_replies=shows_replies and app.is_account,
        )
        self.pushes.add(push, faults=self.faults.take_push(name))
        return push

    def now(self) -> float:
        return self.clock.now()

    @property
    def demo_app(self) -> App:
        return self.apps[self._settings.appid]

    @property
    def demo_account(self) -> App:
        return self.apps[self._settings.oa_appid]

    def account(self, appid: str | None) -> App:
        """The named official account, the demo account when none is named; NotInWorld when there is no such account."""
        app = self.app(appid) if appid else self.demo_account
        if not app.is_account:
            raise NotInWorld(f"{appid} is not an official account")
        return app

    def app(self, appid: str | None) -> App:
        """The named app, the demo app when none is named; NotInWorld when unknown."""
        if not appid:
            return self.demo_app
        if appid not in self.apps:
            raise NotInWorld(f"no app {appid}")
        return self.apps[appid]

    def person(self, person_id: str) -> Person:
        person = self.people.get(person_id)
        if person is None:
            raise NotInWorld(f"no person {person_id}")
        return person

    def put_app(self, body: Mapping[str, Any]) -> App:
        """Creates the app, or changes what the body names of an existing one."""
        appid = str(body.get("appid") or ids.appid())
        app = self.apps.get(appid) or new_app(appid, kind=str(body.get("kind") or MINIPROGRAM))
        change_app(app, body=body)
        if appid not in self.apps:
            self.apps[appid] = app
            for person in self.people.all():
                self.people.index(person, appids=[appid])
        self.touch(app)
        return app

    def put_template(self, app: App, *, body: Mapping[str, Any]) -> str:
        template = template_from(body, channel=usual_channel(app))
        app.templates[template.template_id] = template
        self.touch(app)
        return template.template_id

    def add_person(self, body: Mapping[str, Any]) -> Person:
        """A new person; phone is the national number, digits only."""
        unknown = set(body) - {"name", "phone", "country_code", "unionid", "openids", "risky", "accepts_messages"}
        if unknown:
            raise BadWorldInput(f"unknown fields: {', '.join(sorted(unknown))}")
        openids = {str(appid): str(openid) for appid, openid in (body.get("openids") or {}).items()}
        if any(self.people.openid_taken(openid) for openid in openids.values()):
            raise BadWorldInput("this openid belongs to somebody else")
        number = self.people.next_id()
        person = Person(
            person_id=number,
            name=str(body.get("name") or f"微信用户{number[1:]}"),
            phone=_phone(body.get("phone"), number=int(number[1:])),
            country_code=str(body.get("country_code") or "86").lstrip("+"),
            unionid=str(body.get("unionid") or ids.unionid()),
            openids=openids,
            risky=bool(body.get("risky", False)),
            accepts_messages=bool(body.get("accepts_messages", True)),
        )
        self.people.add(person, appids=self.apps)
        self.touch(person)
        return person

    def reset(self) -> None:
        """As on the first day, the clock included."""
        self._touched.clear()
        if self._state is not None:
            self._state.forget_all()
        self.clock.set_offset(self._settings.clock_offset)
        self.pushes.clear()
        self._begin()


def _kept(thing: App | Person | Tally | Book) -> dict[str, Any]:
    if isinstance(thing, Person):
        return person_to_json(thing)
    return app_to_json(thing) if isinstance(thing, App) else thing.to_json()


def _phone(given: object, *, number: int) -> str:
    if given in (None, ""):
        return f"139{number % 100_000_000:08d}"
    phone = str(given).replace(" ", "").replace("-", "")
    if not (phone.isascii() and phone.isdigit() and 5 <= len(phone) <= 15):
        raise BadWorldInput("phone is the national number: 5 to 15 digits; give country_code apart")
    return phone
