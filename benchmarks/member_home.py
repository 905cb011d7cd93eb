"""member_home: the first page of a member, one million members, through the real server.

Each request brings another member's token. The limit is the same product, guard and middleware with a route that does one
SELECT of the member's row by its key (`_member_by_key`).
"""

import random

from benchmarks import _crowd
from benchmarks.harness.ground import Ground
from benchmarks.harness.load import Failed, Shot, http_shots
from benchmarks.harness.pairs import Result, interleaved

PATH, LIMIT_PATH = "/mp/v1/home", "/mp/v1/member-by-key"
SIGNED_IN = 30_000
REQUESTS = 6_000
CONNECTIONS = 32


def rate(url: str, path: str, tokens: list[str], *, requests: int = REQUESTS) -> float:
    """Answers per second to `requests` requests of different members. Raises Failed when one is not 200."""
    chosen = random.sample(tokens, requests)
    shots = [Shot(path, headers={"Authorization": f"Bearer {token}"}) for token in chosen]
    load = http_shots(url, shots, connections=CONNECTIONS)
    if load.statuses != {200: requests}:
        raise Failed(f"{path}: {load.statuses}")
    return load.rate


def run(ground: Ground) -> Result:
    """The home and the row by its key in turn, each from its own server of the same kind."""
    url = _crowd.database(ground)
    tokens = _crowd.sign_in(ground, url, SIGNED_IN)
    with ground.web(url) as product, ground.web(url, app="benchmarks._member_by_key:app") as limit:
        pairs = interleaved(lambda: rate(product, PATH, tokens), lambda: rate(limit, LIMIT_PATH, tokens))
    return pairs.result("homes/s", members=_crowd.MEMBERS, connections=CONNECTIONS, processes=2, threads=8)
