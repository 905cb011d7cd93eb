"""One candidate on its way through judgement."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.outreach import materials
from app.outreach.materials import Rendered
from app.outreach.messaging.operations.verdicts import Candidate, Hold, Verdict, Wait
from app.outreach.messaging.operations.ways import Person, Way
from app.outreach.messaging.rules.reasons import ALONE


@dataclass
class Case:
    """One candidate on its way through judgement. `way`: the one that is being tried; `waits`: what it would wait for."""

    one: Candidate
    person: Person
    values: Mapping[str, str] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    left: Iterator[Way] = field(default_factory=lambda: iter(()))
    way: Way | None = None
    rendered: Rendered | None = None
    verdict: Verdict | None = None

    def go_on(self) -> None:
        """Take the next way that is open or will be in time; without one it stays."""
        self.way = None
        for way in self.left:
            if way.open_from >= self.one.expires_at:
                self.why[way.channel] = "quiet_hours"
            elif self._say(way):
                self.way = way
                return
        reasons = set(self.why.values())
        whole = next(iter(reasons)) if len(reasons) == 1 else ""
        self.verdict = Hold(self.one.delivery_id, whole if whole in ALONE else "unreachable", self.why)

    def _say(self, way: Way) -> bool:
        try:
            self.rendered = materials.rendering.render(way.words, self.values)
        except materials.ValueMissing:
            self.why[way.channel] = "value_missing"
            return False
        except materials.FieldInvalid:
            self.why[way.channel] = "field_invalid"
            return False
        return True

    def hold(self, reason: str) -> None:
        """It stays, for good."""
        self.verdict = Hold(self.one.delivery_id, reason)

    def wait_for_hours(self) -> None:
        """The way it would take is not open yet."""
        if self.way and self.way.open_from > self.person.now:
            self.verdict = Wait(self.one.delivery_id, self.way.open_from, "quiet_hours")

    def give_up_way(self, why: str) -> None:
        """This way is closed after all: on to the next."""
        self.why[self.way.channel if self.way else ""] = why
        self.go_on()

    def wait(self, until: dt.datetime, reason: str) -> None:
        """It waits; where that would be too long, it goes on to the next way."""
        if until < self.one.expires_at:
            self.verdict = Wait(self.one.delivery_id, until, reason)
        else:
            self.give_up_way("quota")
