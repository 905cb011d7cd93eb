"""What everybody received: exact counts for ever, and the last messages."""

from collections import deque
from typing import Any

from sandbox.world.people import Person

MESSAGES_IN_ALL = 20_000
TEMPLATE, SUBSCRIPTION, SERVICE, PASSIVE = "template", "subscription", "service", "passive"
MASS, SMS, VOICE = "mass", "sms", "voice"


class Tally:
    """How much one receiver (an openid, or a phone number) received of one sender, by kind and by template."""

    __slots__ = ("appid", "kinds", "templates", "to")

    def __init__(self, *, appid: str, to: str) -> None:
        self.appid, self.to = appid, to
        self.kinds: dict[str, int] = {}
        self.templates: dict[str, int] = {}

    @property
    def key(self) -> str:
        return f"{self.appid} {self.to}"

    def to_json(self) -> dict[str, Any]:
        return {"appid": self.appid, "to": self.to, "kinds": dict(self.kinds), "templates": dict(self.templates)}


class Received:
    """Counters are exact and never cut off; messages are kept while they are among the last of all and of their
    receiver."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str], Tally] = {}
        self._last: deque[tuple[Person, dict[str, Any]]] = deque()

    def count(self, *, appid: str, to: str, kind: str, template_id: str = "") -> Tally:
        """One more message of this kind arrived. `appid` is the sender: an app, or the signature of a text message."""
        tally = self._tallies.get((appid, to))
        if tally is None:
            tally = self._tallies[appid, to] = Tally(appid=appid, to=to)
        tally.kinds[kind] = tally.kinds.get(kind, 0) + 1
        if template_id:
            tally.templates[template_id] = tally.templates.get(template_id, 0) + 1
        return tally

    def keep(self, person: Person, *, message: dict[str, Any]) -> None:
        """Shows the message on the person's phone; the oldest of everybody's go when there are too many."""
        person.receive(message)
        self._last.append((person, message))
        if len(self._last) > MESSAGES_IN_ALL:
            owner, oldest = self._last.popleft()
            for lines in (owner.messages, owner.chats.get(str(oldest.get("appid")), [])):
                position = next((at for at, line in enumerate(lines) if line is oldest), None)
                if position is not None:
                    del lines[position]

    def put_back(self, body: dict[str, Any]) -> None:
        tally = Tally(appid=body["appid"], to=body["to"])
        tally.kinds, tally.templates = dict(body["kinds"]), dict(body["templates"])
        self._tallies[tally.appid, tally.to] = tally

    def tallies(self, *, appid: str | None = None) -> list[Tally]:
        return [tally for tally in self._tallies.values() if appid in (None, tally.appid)]
