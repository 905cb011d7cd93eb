"""Pushing as it runs in earnest: clock and workers as the Procfile starts them, and the sandbox as the platform, which
answers each message after 30 ms. One rig is one copy of the data; its followers are the sandbox's."""

import json
import os
import resource
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
import redis

from benchmarks import _push_people
from benchmarks.harness.ground import ROOT, Ground
from benchmarks.harness.load import Failed, Shot, http_shots
from sandbox import demo
from workbench import home
from workbench.run import answers
from workbench.setup import VENV
from workbench.supervisor import Program, Supervisor, procfile

SOURCES = [ROOT / "benchmarks/_push_people.py"]
SEND = "/cgi-bin/message/template/send"
TEMPLATE = demo.OA_TEMPLATES[0]["template_id"]
LATENCY = 0.03
NO_LIMIT = 10_000_000
# What the product's policy of sending begins with: so many lanes with so many calls each under way.
CONNECTIONS = 4 * 64
WITHIN = 600.0


@dataclass(frozen=True)
class Spent:
    """What sending so many took: seconds by the clock, and of the processor by whoever sent."""

    seconds: float
    processor: float


class Rig:
    """See `rig`."""

    def __init__(self, ground: Ground, followers: int, a_minute: int) -> None:
        self.ground, self.followers = ground, followers
        self.url = ground.clone(ground.database("push", sources=SOURCES, build=_push_people.fill))
        self.database = psycopg.connect(self.url.replace("+psycopg", "", 1), autocommit=True)
        port = home.free_port()
        self.sandbox = f"http://127.0.0.1:{port}"
        kept = ground.variables(self.url)
        self.account, _, secret = kept["OFFICIAL_ACCOUNTS"].split(",")[0].partition(":")
        platform = {"SANDBOX_OA_APPID": self.account, "SANDBOX_OA_SECRET": secret, "SANDBOX_PORT": str(port)}
        bases = dict.fromkeys(("WECHAT_API_BASE", "WECHAT_MP_BASE", "WECHAT_OPEN_BASE"), self.sandbox)
        self.variables = {**kept, **platform, **bases}
        self.programs = Supervisor(
            ground.cache / "logs", ground.cache / f"push-{port}.json", ground.say, environment=self.variables
        )
        redis.Redis.from_url(kept["REDIS_URL"]).flushall()  # tokens and counts of a platform that is no more
        self._start_sandbox(port, a_minute)
        self._start_product(a_minute)

    def _start_sandbox(self, port: int, a_minute: int) -> None:
        self.programs.start(Program("sandbox", f"{VENV / 'bin' / 'python'} -m sandbox"))
        end = time.monotonic() + 30
        while not answers(port, "/healthz"):
            if self.programs.ended() or time.monotonic() > end:
                raise Failed(self.programs.epitaph("sandbox"))
            time.sleep(0.1)
        limits = {SEND: {"daily": NO_LIMIT, "minute": a_minute, "second": 0}}
        self.world(f"apps/{self.account}", limits=limits)
        self.world("faults", path=SEND, kind="latency", seconds=LATENCY, times=0)
        self.openids: list[str] = self.world("followers", appid=self.account, count=self.followers)["openids"]

    def _start_product(self, a_minute: int) -> None:
        self.product("follow", url=self.url, account=self.account, openids=self.openids)
        self.product("make_purpose", account=self.account, template_id=TEMPLATE, a_minute=a_minute)
        for program in procfile(Path(ROOT / "Procfile")):
            if program.name in ("clock", "workers"):
                self.programs.start(program)

    def world(self, path: str, /, **body: Any) -> Any:
        """An order to the sandbox, or a question where there is no body."""
        data = json.dumps(body).encode() if body else None
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.sandbox}/_world/{path}", data=data, headers=headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def product(self, word: str, /, **told: Any) -> Any:
        """An order to our own code, in its environment."""
        return order(self.variables, word, **told)

    def plan(self, count: int) -> int:
        """Plan a message to so many people in a dispatch that is paused; its id."""
        planned = self.product("plan", code=f"bench-{time.monotonic_ns()}", count=count)
        if planned["planned"] != count:
            raise Failed(f"{planned['planned']} of {count} planned")
        return int(planned["dispatch"])

    def let_go(self, dispatch: int, go: bool = True) -> None:
        """Resume a dispatch, or pause it, as the product writes it."""
        state = "running" if go else "paused"
        self.database.execute("UPDATE dispatch SET state = %s WHERE id = %s", (state, dispatch))

    def states(self, dispatch: int) -> dict[str, int]:
        """How many of its deliveries are in which state."""
        counted = "SELECT state, count(*) FROM delivery WHERE dispatch_id = %s GROUP BY state"
        return dict(self.database.execute(counted, (dispatch,)).fetchall())

    def states_of_all(self) -> dict[str, int]:
        """The same of every delivery there is."""
        return dict(self.database.execute("SELECT state, count(*) FROM delivery GROUP BY state").fetchall())

    def received(self) -> int:
        """How many messages the followers have received, by the sandbox's count."""
        return int(self.world(f"received?appid={self.account}&receivers=0")["total"])

    def send(self, count: int) -> Spent:
        """Send a message to so many followers, from the moment they may go until the last answer is written. Raises
        Failed when one did not go, or a person received none or two."""
        dispatch, before = self.plan(count), self.received()
        self.database.execute("CHECKPOINT")
        ours, began = self.processor(), time.perf_counter()
        self.let_go(dispatch)
        while self._goes_on(dispatch):
            if self.programs.ended() or time.perf_counter() - began > WITHIN:
                raise Failed(f"not sent: {self.states(dispatch)}, ended: {self.programs.ended()}")
            time.sleep(0.1)
        spent = Spent(time.perf_counter() - began, self.processor() - ours)
        arrived = self.received() - before
        if self.states(dispatch) != {"sent": count} or arrived != count:
            raise Failed(f"of {count} messages {arrived} arrived: {self.states(dispatch)}")
        return spent

    def _goes_on(self, dispatch: int) -> bool:
        asked = (
            "SELECT EXISTS (SELECT FROM delivery WHERE dispatch_id = %s AND state = 'planned')"
            " OR EXISTS (SELECT FROM delivery WHERE state = 'sending')"
        )
        (row,) = self.database.execute(asked, (dispatch,)).fetchall()
        return bool(row[0])

    def post(self, count: int) -> Spent:
        """The same bytes to the same address by a bare client, as many at once: what the platform and this machine give."""
        mark = f"{time.monotonic_ns() % 10**9}"
        told = {"account": self.account, "template_id": TEMPLATE, "openids": self.openids[:count], "mark": mark}
        made, before = self.product("bodies", **told), self.received()
        headers = {"Accept": "application/json", "Content-Type": "application/json; charset=utf-8"}
        shots = [Shot(made["path"], "POST", headers, body.encode()) for body in made["bodies"]]
        began = _children()
        load = http_shots(self.sandbox, shots, connections=CONNECTIONS, limit=WITHIN)
        spent = Spent(load.seconds, _children() - began)
        if load.statuses != {200: count} or self.received() - before != count:
            raise Failed(f"of {count} messages {self.received() - before} arrived: {load.statuses}")
        return spent

    def workers(self) -> list[psutil.Process]:
        """The processes that send."""
        leader = psutil.Process(self.programs.pid("workers"))
        return [leader, *leader.children(recursive=True)]

    def processor(self) -> float:
        """Processor seconds of the workers so far."""
        times = [process.cpu_times() for process in self.workers()]
        return float(sum(one.user + one.system for one in times))

    def memory(self) -> int:
        """Resident bytes of the largest worker."""
        return int(max(process.memory_info().rss for process in self.workers()))

    def close(self) -> None:
        """End what was started."""
        self.programs.stop()
        self.database.close()


def order(variables: dict[str, str], word: str, /, *, module: str = "_push_people", **told: Any) -> Any:
    """Have `_push_people`, or `module` of this package, do something in that environment; what it says."""
    words, known = [sys.executable, "-m", f"benchmarks.{module}", word], {**os.environ, **variables}
    done = subprocess.run(
        words, check=True, cwd=ROOT, env=known, input=json.dumps(told), stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def rig(ground: Ground, *, followers: int, a_minute: int = NO_LIMIT) -> Iterator[Rig]:
    """A sandbox with so many followers and a product that sends to them, so many a minute at most, until the block ends."""
    made = Rig(ground, followers, a_minute)
    try:
        yield made
    finally:
        made.close()


def many(name: str, default: int) -> int:
    """How many messages, unless the environment says otherwise."""
    return int(os.environ.get(name, default))
