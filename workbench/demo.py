"""`make demo`: plays the main job against a running `make run`, over HTTP only, as its users would.

Every step prints what was done and what came back; the first miss ends the play with exit code 1. It may be played again
and again: each time with a new person.
"""

import hashlib
import hmac
import json
import os
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from rich.console import Console

from workbench.environment import kept_secrets
from workbench.services import DATA

RACERS, LAST = 50, 20
DAY = 86400


class Miss(Exception):
    """What came back is not what the step promises."""


def expect(right: bool, said: str) -> None:
    """End the play unless this is so."""
    if not right:
        raise Miss(said)


def pick(items: list[Any], right: Callable[[Any], bool], said: str) -> Any:
    """The first that is right; a miss when none is."""
    for item in items:
        if right(item):
            return item
    raise Miss(f"no {said} among {len(items)}")


@dataclass
class Stage:
    """Where the play happens: the addresses, the shop's secret, and how far the product's clock was moved."""

    web: str
    sandbox: str
    shop_secret: str
    console: Console
    moved: float = 0.0
    steps: int = 0

    def now(self) -> datetime:
        """The product's time."""
        return datetime.now(UTC) + timedelta(seconds=self.moved)

    def step(self, words: str) -> None:
        """Say what is being done."""
        self.steps += 1
        self.console.print(f"[bold]{self.steps:>2}. {words}[/bold]")

    def came(self, words: str) -> None:
        """Say what came back."""
        self.console.print(f"    [green]✓[/green] {words}")


def answer(response: requests.Response, *wanted: int) -> Any:
    """The JSON of an answer with one of these status codes; anything else is a miss, with the problem's own words."""
    if response.status_code not in (wanted or (200,)):
        raise Miss(f"{response.request.method} {response.url} → {response.status_code}: {response.text[:400]}")
    return response.json()


@dataclass
class Person:
    """A consumer in the mini-program."""

    stage: Stage
    name: str
    phone: str
    session: requests.Session = field(default_factory=requests.Session)

    def open_miniprogram(self, **more: str) -> dict[str, Any]:
        """Become somebody in the sandbox's world, open the mini-program, log in with the code."""
        world = f"{self.stage.sandbox}/_world/people"
        told = {"name": self.name, **({"phone": self.phone} if self.phone else {}), **more}
        born = answer(self.session.post(world, json=told), 201)
        self.world, self.openid = f"{world}/{born['person_id']}", str(born["openid"])
        return self.enter()

    def enter(self) -> dict[str, Any]:
        """Open the mini-program as whom they are in the sandbox's world."""
        code = answer(self.session.post(f"{self.world}/open", json={}))["code"]
        login: dict[str, Any] = answer(self.session.post(f"{self.stage.web}/mp/v1/login", json={"code": code}))
        self.session.headers["Authorization"] = f"Bearer {login['token']}"
        return login

    def take_card(self) -> Any:
        """Press the phone button and take the card."""
        code = answer(self.session.post(f"{self.world}/phone", json={}))["code"]
        notice = self.get("/consents")["notice_version"]
        body = {"phone_code": code, "notice_version": notice, "agreed": True}
        return answer(self.session.post(f"{self.stage.web}/mp/v1/card", json=body), 200, 201)

    def get(self, path: str, **query: Any) -> Any:
        """Read something of the member centre."""
        return answer(self.session.get(f"{self.stage.web}/mp/v1{path}", params=query))

    def post(self, path: str, body: dict[str, Any] | None = None) -> requests.Response:
        """Do something, with a new key for each intent."""
        key = {"Idempotency-Key": secrets.token_hex(12)}
        return self.session.post(f"{self.stage.web}/mp/v1{path}", json=body or {}, headers=key)


@dataclass
class Shop:
    """A shop's till or web shop, which signs what it sends."""

    stage: Stage
    channel: str = "demo-shop"

    def post(self, path: str, body: dict[str, Any], *wanted: int) -> Any:
        """Send something signed."""
        raw = json.dumps(body, ensure_ascii=False).encode()
        moment, nonce = str(int(self.stage.now().timestamp())), secrets.token_hex(16)
        text = "\n".join(["POST", path, moment, nonce, hashlib.sha256(raw).hexdigest()])
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": secrets.token_hex(12),
            "X-Guiyi-Key": self.channel,
            "X-Guiyi-Timestamp": moment,
            "X-Guiyi-Nonce": nonce,
            "X-Guiyi-Signature": hmac.new(self.stage.shop_secret.encode(), text.encode(), "sha256").hexdigest(),
        }
        return answer(requests.post(f"{self.stage.web}{path}", data=raw, headers=headers, timeout=60), *wanted)

    def tell(self, *orders: dict[str, Any]) -> None:
        """Push orders; each must be taken in."""
        for outcome in self.post("/open/v1/orders", {"orders": list(orders)})["outcomes"]:
            expect(outcome["status"] == "accepted", f"order {outcome['number']}: {outcome}")


@dataclass
class Desk:
    """A colleague at work, on the console or with the phone."""

    stage: Stage
    staff_code: str
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        body = {"staff_code": self.staff_code}
        token = answer(self.session.post(f"{self.stage.web}/wecom/v1/demo-sign-in", json=body))["token"]
        self.session.headers["Authorization"] = f"Bearer {token}"

    def page(self, path: str, form: dict[str, str] | None = None) -> requests.Response:
        """Fill in a form of the console."""
        response = self.session.post(f"{self.stage.web}/console{path}", data=form or {})
        expect(response.status_code == 200, f"{path}: {response.status_code} {response.text[:300]}")
        return response

    def move_clock(self, seconds: float) -> None:
        """Move the product's clock; 0 brings it back."""
        self.page("/clock", {"seconds": str(seconds)})
        self.stage.moved = seconds
        time.sleep(0.5)  # every process looks at the clock's row a few times a second


def stage_of_run() -> Stage:
    """The stage that `make run` has set up. Raises Miss when it is not running."""
    note = DATA / "run.json"
    if not note.exists():
        raise Miss("nothing runs here: start `make run` in another terminal first")
    ports = json.loads(note.read_text())
    shops = dict(pair.split(":", 1) for pair in kept_secrets()["OPEN_API_SECRETS"].split(","))
    secret = shops["demo-shop"]
    web = os.environ.get("GUIYI_WEB", f"http://127.0.0.1:{ports['web']}")
    sandbox = os.environ.get("GUIYI_SANDBOX", f"http://127.0.0.1:{ports['sandbox']}")
    return Stage(web, sandbox, secret, Console(highlight=False))


def new_phone() -> str:
    """A number that nobody in the demo has yet."""
    return f"137{secrets.randbelow(10**8):08}"


def main() -> int:
    """Play; 0 when every step came back as promised."""
    from workbench import play

    try:
        stage = stage_of_run()
        play.play(stage)
    except (Miss, requests.RequestException) as miss:
        print(f"    ✕ {miss}", file=sys.stderr)
        return 1
    stage.console.print(f"\n[bold green]All {stage.steps} steps came back as promised.[/bold green]")
    return 0


def yuan(fen: int) -> str:
    """Fen as yuan."""
    return f"¥{fen / 100:,.2f}"


def tally(results: list[requests.Response]) -> Counter[int]:
    """How often each status came back."""
    return Counter(response.status_code for response in results)


def all_at_once(actions: list[Any]) -> list[Any]:
    """Run all actions at the same time."""
    with ThreadPoolExecutor(len(actions)) as pool:
        return [future.result() for future in [pool.submit(action) for action in actions]]


if __name__ == "__main__":
    from workbench.demo import main as of_module  # not of __main__: the scenes know this module's Miss

    sys.exit(of_module())
