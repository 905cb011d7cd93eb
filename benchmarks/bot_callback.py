"""bot_callback: encrypted callbacks a second through the real server: text messages of known followers that match a keyword,
verified, decrypted, stored, answered and the answer sealed. The limit is the same server storing the same bytes with one
INSERT behind the same middleware (`_push_by_insert`).

`bot_callback_p99` comes with it: what one in a hundred waited longer than, against the INSERT's.
"""

import uuid
from urllib.parse import urlsplit

import psycopg

from benchmarks import _push_people
from benchmarks._push import SOURCES, many, order
from benchmarks.harness.ground import Ground
from benchmarks.harness.load import Failed, HttpLoad, Shot, http_shots
from benchmarks.harness.pairs import Result, interleaved

PATH = "/oa/v1/push-by-insert"
PUSHES = 3_000
PEOPLE = 2_000
CONNECTIONS = 16
ROUNDS = 3
TURNS = 2 * (1 + ROUNDS) + 1
HEADERS = {"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0"}


class Account:
    """One copy of the data, and people who write to the account."""

    def __init__(self, ground: Ground, count: int) -> None:
        self.url = ground.clone(ground.database("push", sources=SOURCES, build=_push_people.fill))
        kept = ground.variables(self.url)
        self.appid = kept["OFFICIAL_ACCOUNTS"].split(",")[0].partition(":")[0]
        self.extra = {"WECHAT_PUSH": f"{self.appid}:{kept['SANDBOX_OA_TOKEN']}/{kept['SANDBOX_OA_AES_KEY']}"}
        self.variables = {**kept, **self.extra}
        self.openids = [f"o{uuid.uuid4().hex[:27]}" for _ in range(PEOPLE)]
        order(self.variables, "follow", url=self.url, account=self.appid, openids=self.openids)
        order(self.variables, "write_rule", module="_bot_people")
        self.loads: dict[str, list[HttpLoad]] = {"answered": [], "stored": []}
        self.count, told = count, {"appid": self.appid, "openids": self.openids, "count": count * TURNS}
        self.pushes: list[tuple[str, str]] = order(self.variables, "pushes", module="_bot_people", **told)

    def shots(self, path: str = "") -> list[Shot]:
        """Pushes that were not sent yet, as they are or to another path."""
        taken, self.pushes = self.pushes[: self.count], self.pushes[self.count :]
        return [
            Shot(f"{path}?{urlsplit(own).query}" if path else own, "POST", HEADERS, body.encode())
            for own, body in taken
        ]

    def answered(self, address: str) -> float:
        """Callbacks a second."""
        return self._load("answered", address, self.shots())

    def check_answers(self) -> None:
        """Each of those that are stored must have been answered by the rule."""
        if (said := order(self.variables, "said", module="_bot_people")) != self.count:
            raise Failed(f"{said} of {self.count} were answered")

    def stored(self, address: str) -> float:
        """INSERTs a second of the same bytes."""
        return self._load("stored", address, self.shots(PATH))

    def _load(self, kind: str, address: str, shots: list[Shot]) -> float:
        with psycopg.connect(self.url.replace("+psycopg", "", 1), autocommit=True) as connection:
            connection.execute("TRUNCATE inbox")
            connection.execute("CHECKPOINT")
            load = http_shots(address, shots, connections=CONNECTIONS)
            (row,) = connection.execute("SELECT count(*) FROM inbox").fetchall()
        if load.statuses != {200: len(shots)} or row[0] != len(shots):
            raise Failed(f"{kind}: {row[0]} stored, {load.statuses}")
        self.loads[kind].append(load)
        return load.rate

    def p99(self, kind: str) -> float:
        """The median of what its rounds measured, the first left out."""
        found = sorted(load.p99 for load in self.loads[kind][1:])
        return found[len(found) // 2]


def run(ground: Ground) -> dict[str, Result]:
    """The door and the INSERT in turn, each from its own server of the same kind."""
    count = many("GUIYI_BENCH_CALLBACKS", PUSHES)
    account = Account(ground, count)
    limit_app = "benchmarks._push_by_insert:app"
    with (
        ground.web(account.url, extra=account.extra) as product,
        ground.web(account.url, app=limit_app, extra=account.extra) as limit,
    ):
        pairs = interleaved(lambda: account.answered(product), lambda: account.stored(limit), rounds=ROUNDS)
        account.answered(product)
        account.check_answers()
    known = {"connections": CONNECTIONS, "callbacks": count, "processes": 2, "threads": 8}
    ours, bare = account.p99("answered"), account.p99("stored")
    return {
        "bot_callback": pairs.result("callbacks/s", **known),
        "bot_callback_p99": Result(ours, "ms", bare, bare / ours, {**known, "aim_ms": 100}),
    }
