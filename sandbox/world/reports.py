"""Reports of the cloud to the product: arrays of rows by HTTP, repeated after one, five and ten minutes."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests

from sandbox.world.faults import Fault, FaultKind

if TYPE_CHECKING:
    from sandbox.world.world import World

REPEATED_AFTER = (60.0, 300.0, 600.0)
SECONDS_TO_ANSWER = 5.0
ROWS_AT_ONCE = 100
KEPT = 2_000
PAUSE = 0.05
OVERTAKEN_SECONDS = 2.0


@dataclass(slots=True)
class Report:
    """One POST of up to a hundred rows; `outcomes` says what became of each delivery."""

    kind: str
    url: str
    rows: list[dict[str, Any]]
    due_at: float
    outcomes: list[str] = field(default_factory=list)
    done: bool = False
    alone: bool = False

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "url": self.url, "rows": self.rows, "outcomes": self.outcomes, "done": self.done}


class Reports:
    """Waiting and finished reports. Whoever reads or changes them holds the world."""

    def __init__(self) -> None:
        self._waiting: list[Report] = []
        self._finished: list[Report] = []
        self._running = False

    def add(
        self, kind: str, *, url: str, row: Mapping[str, Any], due_at: float, faults: Mapping[FaultKind, Fault]
    ) -> None:
        """Nothing is sent without an address. Rows of one kind that wait travel together; a row that a fault loses,
        delays, doubles or lets others overtake travels alone."""
        if not url or FaultKind.PUSH_LOST in faults:
            return
        if faults:
            late = faults[FaultKind.PUSH_DELAY].seconds if FaultKind.PUSH_DELAY in faults else 0.0
            late += OVERTAKEN_SECONDS if FaultKind.PUSH_REORDER in faults else 0.0
            for _ in range(2 if FaultKind.PUSH_DUPLICATE in faults else 1):
                self._waiting.append(Report(kind=kind, url=url, rows=[dict(row)], due_at=due_at + late, alone=True))
            return
        last = next((one for one in reversed(self._waiting) if one.kind == kind and one.url == url), None)
        fits = last is not None and not last.alone and not last.outcomes and len(last.rows) < ROWS_AT_ONCE
        if last is not None and fits and abs(last.due_at - due_at) < 1:
            last.rows.append(dict(row))
            return
        self._waiting.append(Report(kind=kind, url=url, rows=[dict(row)], due_at=due_at))

    def start(self, world: "World") -> None:
        """Makes sure that somebody delivers what waits."""
        if self._waiting and not self._running:
            self._running = True
            threading.Thread(target=_deliver_all, args=(world, self), daemon=True).start()

    def take_due(self, now: float) -> list[Report]:
        due = [report for report in self._waiting if report.due_at <= now]
        self._waiting = [report for report in self._waiting if report.due_at > now]
        return due

    def rest(self) -> bool:
        """False while something waits; else the deliverer may go."""
        self._running = bool(self._waiting)
        return not self._running

    def note(self, report: Report, *, outcome: str, tried_at: float) -> None:
        """Files a delivered report, and one that failed for the last time; queues the others again."""
        report.outcomes.append(outcome)
        tried = len(report.outcomes)
        if outcome == "ok" or tried > len(REPEATED_AFTER):
            report.done = True
            self._finished.append(report)
            del self._finished[:-KEPT]
            return
        report.due_at = tried_at + REPEATED_AFTER[tried - 1]
        self._waiting.append(report)

    def to_json(self) -> list[dict[str, Any]]:
        """Newest last."""
        return [report.to_json() for report in [*self._finished, *self._waiting]]


def _deliver_all(world: "World", reports: Reports) -> None:
    with requests.Session() as http:
        while True:
            with world.changing():
                taken_at = world.now()
                due = reports.take_due(taken_at)
                if not due and (reports.rest() or world.telecom.reports is not reports):
                    return
            for report in due:
                outcome = _post(http, report=report)
                with world.changing():
                    reports.note(report, outcome=outcome, tried_at=taken_at)
            time.sleep(PAUSE)


def _post(http: requests.Session, *, report: Report) -> str:
    try:
        answer = http.post(report.url, json=report.rows, timeout=SECONDS_TO_ANSWER)
    except requests.RequestException as error:
        return type(error).__name__
    return "ok" if answer.status_code == 200 else f"http {answer.status_code}"
