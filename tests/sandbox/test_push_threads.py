"""Pushes over real connections, from the sandbox's own threads."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox import demo
from tests.sandbox.accounts import Arrived, Product
from tests.sandbox.playing import Platform


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


@pytest.fixture
def product() -> Iterator[tuple[Product, str]]:
    served = Product()
    server = make_server("127.0.0.1", 0, served, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield served, f"http://127.0.0.1:{server.server_port}/callbacks"
    server.shutdown()
    thread.join()
    server.server_close()


def until(true: Callable[[], bool], *, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def follow(platform: Platform, url: str) -> str:
    platform.world(f"apps/{demo.OA_APPID}", callback_url=url, push_mode="plain")
    person = platform.person()
    platform.world(f"people/{person['person_id']}/follow")
    return str(person["person_id"])


def pushes(platform: Platform) -> list[dict[str, object]]:
    return list(platform.http.get("/_world/pushes").json["pushes"])


def test_pushes_go_out_by_themselves(platform: Platform, product: tuple[Product, str]) -> None:
    served, url = product
    person_id = follow(platform, url)
    for number in range(20):
        platform.world(f"people/{person_id}/say", text=str(number))
    until(lambda: len(served.arrived) == 21)
    assert [f"<Content><![CDATA[{number}]]>" in one.body for number, one in enumerate(served.arrived[1:])] == [
        True
    ] * 20
    until(lambda: platform.http.get("/_world/pushes").json["waiting"] == 0)


def test_repeats_keep_their_pause(platform: Platform, product: tuple[Product, str]) -> None:
    served, url = product
    platform.world("switches", push_pause_seconds=0.2)
    served.answers = [500]
    follow(platform, url)
    until(lambda: pushes(platform)[0]["state"] == "given_up")
    stamps = [float(row["at"]) for row in pushes(platform)[0]["deliveries"]]
    assert len(stamps) == 3
    assert all(0.2 <= later - earlier < 1 for earlier, later in pairwise(stamps))


def test_a_slow_product_is_cut_off_and_another_person_is_not_kept_waiting(
    platform: Platform, product: tuple[Product, str]
) -> None:
    served, url = product
    platform.world("switches", push_timeout_seconds=0.3, push_pause_seconds=0.1, push_deliveries=1)

    def slow(arrived: Arrived) -> bytes:
        time.sleep(0.6)
        return b"success"

    served.answers = [slow, b"success"]
    follow(platform, url)
    until(lambda: len(served.arrived) == 1)
    follow(platform, url)
    until(lambda: len(pushes(platform)) == 2 and all(row["state"] != "waiting" for row in pushes(platform)), seconds=5)
    outcomes = {row["deliveries"][0]["outcome"] for row in pushes(platform)}
    assert outcomes == {"timeout", "success"}


def test_nobody_listening_is_no_answer(platform: Platform) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    platform.world("switches", push_pause_seconds=0.01)
    follow(platform, f"http://127.0.0.1:{port}/callbacks")
    until(lambda: pushes(platform)[0]["state"] == "given_up")
    assert all(str(row["outcome"]).startswith("no_answer") for row in pushes(platform)[0]["deliveries"])


def test_a_job_finishes_when_the_clock_says_so(platform: Platform, product: tuple[Product, str]) -> None:
    served, url = product
    platform.world("switches", job_finish_seconds=3600)
    follow(platform, url)
    openid = platform.http.get("/_world/followers").json["openids"][0]
    platform.appid, platform.secret = demo.OA_APPID, demo.OA_SECRET
    values = {"thing1": "林晓", "character_string2": "A1", "phrase3": "银卡", "time4": "15:00"}
    data = {key: {"value": value} for key, value in values.items()}
    body = {"touser": openid, "template_id": demo.OA_TEMPLATES[0]["template_id"], "data": data}
    assert platform.post("/cgi-bin/message/template/send", body)["errcode"] == 0
    until(lambda: len(served.arrived) == 1)
    time.sleep(0.3)
    assert len(served.arrived) == 1
    platform.world("clock", advance=3600)
    until(lambda: len(served.arrived) == 2, seconds=3)


def test_draining_waits_for_what_threads_deliver(platform: Platform, product: tuple[Product, str]) -> None:
    served, url = product

    def slow(arrived: Arrived) -> bytes:
        time.sleep(0.2)
        return b"success"

    served.answers = [slow]
    follow(platform, url)
    platform.world("pushes/drain")
    assert len(served.arrived) == 1
    assert platform.http.get("/_world/pushes").json["waiting"] == 0
