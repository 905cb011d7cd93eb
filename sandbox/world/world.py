"""The whole simulated world in memory, behind one lock."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sandbox import demo
from sandbox.settings import Settings
from sandbox.world import ids
from sandbox.world.apps import App, BadWorldInput, app_from_json, app_to_json, change_app, template_from
from sandbox.world.calls import Calls
from sandbox.world.clock import Clock
from sandbox.world.codes import Codes
from sandbox.world.faults import Faults
from sandbox.world.people import People, Person, person_from_json, person_to_json
from sandbox.world.quotas import Quotas
from sandbox.world.state_file import StateFile
from sandbox.world.switches import Switches
from sandbox.world.tokens import Tokens


class NotInWorld(LookupError):
    """No such person, app or template."""


class World:
    """Everything the sandbox remembers. Whoever reads or changes it holds `changing()`."""

    def __init__(self, settings: Settings) -> None:
        self._lock = threading.RLock()
        self._settings = settings
        self._state = StateFile(settings.state_file) if settings.state_file else None
        self._touched: dict[tuple[str, str], App | Person] = {}
        self.busy_users: set[str] = set()
        self.clock = Clock(offset=settings.clock_offset)
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
        self._add_demo_app()

    def _add_demo_app(self) -> None:
        settings = self._settings
        app = App(appid=settings.appid, secret=settings.secret, name=demo.NAME, callback_url=settings.callback_url)
        change_app(app, body={"pages": settings.pages, "templates": demo.TEMPLATES})
        self.apps[app.appid] = app

    def _load(self) -> None:
        if self._state is None:
            return
        for body in self._state.kept("app"):
            app = app_from_json(body)
            if app.appid == self._settings.appid:
                app.secret = self._settings.secret
            self.apps[app.appid] = app
        for body in self._state.kept("person"):
            self.people.add(person_from_json(body), appids=self.apps)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Holds the world; what was touched inside is kept before it is let go."""
        with self._lock:
            yield
            if self._state is not None and self._touched:
                self._state.keep(
                    [
                        (kind, key, person_to_json(thing) if isinstance(thing, Person) else app_to_json(thing))
                        for (kind, key), thing in self._touched.items()
                    ]
                )
            self._touched.clear()

    def touch(self, thing: App | Person) -> None:
        if isinstance(thing, Person):
            self._touched["person", thing.person_id] = thing
        else:
            self._touched["app", thing.appid] = thing

    def now(self) -> float:
        return self.clock.now()

    @property
    def demo_app(self) -> App:
        return self.apps[self._settings.appid]

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
        app = self.apps.get(appid) or App(appid=appid, secret=ids.secret())
        change_app(app, body=body)
        self.apps[appid] = app
        for person in self.people.all():
            self.people.index(person, appids=[appid])
        self.touch(app)
        return app

    def put_template(self, app: App, *, body: Mapping[str, Any]) -> str:
        template = template_from(body)
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
        self._begin()


def _phone(given: object, *, number: int) -> str:
    if given in (None, ""):
        return f"139{number % 100_000_000:08d}"
    phone = str(given).replace(" ", "").replace("-", "")
    if not (phone.isascii() and phone.isdigit() and 5 <= len(phone) <= 15):
        raise BadWorldInput("phone is the national number: 5 to 15 digits; give country_code apart")
    return phone
