"""People with a WeChat account: who they are, their sessions in each app, what they allowed and received."""

import base64
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.world import ids

SESSION_SECONDS = 3 * 24 * 3600
MESSAGES_KEPT = 200
CHAT_KEPT = 100


@dataclass(slots=True)
class Session:
    """A person's login state in one app. `expires_at` is inherited when the key is reset."""

    session_key: str
    expires_at: float
    visited_at: float


@dataclass(slots=True)
class Follower:
    """What one official account knows of a person who follows it, or once did. `subscribe_time` is of the last follow.
    `blocked`: the person refuses this account's messages; `blacklisted`: the account put the person on its list."""

    subscribed: bool = False
    subscribe_time: int = 0
    subscribe_scene: str = "ADD_SCENE_OTHERS"
    qr_scene: int = 0
    qr_scene_str: str = ""
    remark: str = ""
    tag_ids: list[int] = field(default_factory=list)
    language: str = "zh_CN"
    blocked: bool = False
    blacklisted: bool = False


@dataclass(slots=True)
class Person:
    """One WeChat user. `risky` people are refused at login; `accepts_messages` is the main switch in WeChat."""

    person_id: str
    name: str
    phone: str
    country_code: str
    unionid: str
    seed: str = field(default_factory=lambda: secrets.token_hex(8))
    openids: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    grants: dict[str, dict[str, int]] = field(default_factory=dict)
    always: dict[str, list[str]] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    followers: dict[str, Follower] = field(default_factory=dict)
    chats: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    windows: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    risky: bool = False
    accepts_messages: bool = True

    def openid_in(self, appid: str) -> str:
        if appid not in self.openids:
            self.openids[appid] = ids.openid(person_seed=self.seed, appid=appid)
        return self.openids[appid]

    @property
    def full_phone(self) -> str:
        """With the country's prefix when it is not a mainland number, as the platform shows it."""
        return self.phone if self.country_code == "86" else f"+{self.country_code}{self.phone}"

    def log_in(self, appid: str, *, now: float, session_key: str | None = None) -> Session:
        """wx.login: a new session key, so that data encrypted earlier can no longer be read."""
        key = session_key or new_session_key()
        session = Session(session_key=key, expires_at=now + SESSION_SECONDS, visited_at=now)
        self.sessions[appid] = session
        return session

    def grants_left(self, appid: str, *, template_id: str) -> int:
        return self.grants.get(appid, {}).get(template_id, 0)

    def has_grant(self, appid: str, *, template_id: str) -> bool:
        if not self.accepts_messages:
            return False
        return template_id in self.always.get(appid, ()) or self.grants_left(appid, template_id=template_id) > 0

    def follower_of(self, appid: str) -> Follower:
        """The account's record of this person; made, not following, when there is none."""
        return self.followers.setdefault(appid, Follower())

    def follows(self, appid: str) -> bool:
        found = self.followers.get(appid)
        return found is not None and found.subscribed

    def chat(self, appid: str, *, by: str, **said: Any) -> dict[str, Any]:
        """Adds a line to the chat with an account, oldest first. `by` is person, account or platform (grey notices)."""
        line = {"by": by, **said}
        self.add_to_chat(appid, line=line)
        return line

    def add_to_chat(self, appid: str, *, line: dict[str, Any]) -> None:
        lines = self.chats.setdefault(appid, [])
        lines.append(line)
        del lines[:-CHAT_KEPT]

    def receive(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        del self.messages[:-MESSAGES_KEPT]


def new_session_key() -> str:
    return base64.b64encode(secrets.token_bytes(16)).decode()


def person_to_json(person: Person) -> dict[str, Any]:
    return asdict(person)


def person_from_json(body: dict[str, Any]) -> Person:
    sessions = {appid: Session(**row) for appid, row in body.pop("sessions", {}).items()}
    followers = {appid: Follower(**row) for appid, row in body.pop("followers", {}).items()}
    return Person(**body, sessions=sessions, followers=followers)


class People:
    """Everybody in the world, found by id or by (appid, openid)."""

    def __init__(self) -> None:
        self._by_id: dict[str, Person] = {}
        self._by_openid: dict[tuple[str, str], Person] = {}
        self._next = 1

    def add(self, person: Person, *, appids: Iterable[str]) -> None:
        self._by_id[person.person_id] = person
        self.index(person, appids=appids)
        number = person.person_id.removeprefix("p")
        if number.isdigit():
            self._next = max(self._next, int(number) + 1)

    def index(self, person: Person, *, appids: Iterable[str]) -> None:
        for appid in appids:
            self._by_openid[appid, person.openid_in(appid)] = person

    def next_id(self) -> str:
        return f"p{self._next}"

    def get(self, person_id: str) -> Person | None:
        return self._by_id.get(person_id)

    def by_openid(self, appid: str, *, openid: str) -> Person | None:
        return self._by_openid.get((appid, openid))

    def all(self) -> list[Person]:
        return list(self._by_id.values())

    def openid_taken(self, openid: str) -> bool:
        return any(taken == openid for _, taken in self._by_openid)
