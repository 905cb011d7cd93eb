"""Ordered faults hit the calls they were ordered for, and no other."""

import json
import time

import pytest
import requests

from sandbox import InProcessAdapter
from tests.sandbox.playing import Platform

TOKEN = "/cgi-bin/token"


def session(platform: Platform) -> requests.Session:
    found = requests.Session()
    found.mount("https://api.weixin.qq.com/", InProcessAdapter(platform.app))
    return found


def order(platform: Platform, **fault: object) -> None:
    assert platform.http.post("/_world/faults", json=fault).status_code == 201


def test_busy_counts_down_and_leaves_other_paths_alone(platform: Platform) -> None:
    order(platform, path=TOKEN, kind="busy", times=2)
    assert "access_token" in platform.stable()
    assert [platform.token().get("errcode") for _ in range(3)] == [-1, -1, None]
    assert platform.http.get("/_world/faults").json == {"faults": []}


def test_pattern_without_end_until_removed(platform: Platform) -> None:
    made = platform.http.post("/_world/faults", json={"path": "/cgi-bin/*", "kind": "http_error", "times": 0}).json
    for _ in range(3):
        answer = platform.http.get(TOKEN)
        assert answer.status_code == 502
        assert answer.mimetype == "text/html"
    assert platform.http.delete(f"/_world/faults/{made['fault_id']}").json == {"removed": 1}
    assert "access_token" in platform.token()
    assert platform.http.delete(f"/_world/faults/{made['fault_id']}").status_code == 404


def test_errcodes_and_whitelist(platform: Platform) -> None:
    order(platform, path=TOKEN, kind="ip_refused")
    assert platform.token()["errcode"] == 40164
    order(platform, path=TOKEN, kind="errcode", errcode=45009)
    assert platform.token()["errmsg"].startswith("reach max api daily quota limit rid: ")


def test_html_wrong_type_and_cut_answers(platform: Platform) -> None:
    order(platform, path=TOKEN, kind="html")
    query = {"grant_type": "client_credential", "appid": platform.appid, "secret": platform.secret}
    page = platform.http.get(TOKEN, query_string=query)
    assert (page.status_code, page.mimetype) == (200, "text/html")
    order(platform, path=TOKEN, kind="content_type", content_type="text/plain")
    plain = platform.http.get(TOKEN, query_string=query)
    assert plain.mimetype == "text/plain"
    assert "access_token" in json.loads(plain.data)
    order(platform, path=TOKEN, kind="cut_short")
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        json.loads(platform.http.get(TOKEN, query_string=query).data)


def test_expired_tokens(platform: Platform) -> None:
    token = platform.fresh_token()
    order(platform, path="/cgi-bin/getcallbackip", kind="expire_tokens")
    assert platform.get("/cgi-bin/getcallbackip", access_token=token)["errcode"] == 42001
    assert "ip_list" in platform.get("/cgi-bin/getcallbackip")


@pytest.mark.parametrize(("seconds", "error"), [(0, requests.ConnectionError), (0.05, requests.ReadTimeout)])
def test_lost_answer_has_its_effect(platform: Platform, seconds: float, error: type[Exception]) -> None:
    code = platform.world(f"people/{platform.person()['person_id']}/open")["code"]
    order(platform, path="/sns/jscode2session", kind="lost_answer", seconds=seconds)
    query = {"appid": platform.appid, "secret": platform.secret, "js_code": code, "grant_type": "authorization_code"}
    with pytest.raises(error):
        session(platform).get("https://api.weixin.qq.com/sns/jscode2session", params=query)
    assert platform.login(code)["errcode"] == 40163


def test_latency_is_felt_and_runs_into_the_callers_timeout(platform: Platform) -> None:
    order(platform, path=TOKEN, kind="latency", seconds=0.2)
    started = time.monotonic()
    with pytest.raises(requests.ReadTimeout):
        session(platform).get(f"https://api.weixin.qq.com{TOKEN}", timeout=(1, 0.1))
    assert time.monotonic() - started >= 0.2


def test_the_log_tells_what_happened(platform: Platform) -> None:
    order(platform, path=TOKEN, kind="busy")
    platform.token()
    last = platform.http.get(f"/_world/log?path={TOKEN}").json["calls"][0]
    assert (last["errcode"], last["faults"], last["method"]) == (-1, ["busy"], "GET")


@pytest.mark.parametrize(
    "fault",
    [{"kind": "magic"}, {"kind": "latency", "seconds": -1}, {"kind": "http_error", "status": 200}, {"times": "x"}],
)
def test_nonsense_orders_are_refused(platform: Platform, fault: dict[str, object]) -> None:
    assert platform.http.post("/_world/faults", json=fault).status_code == 400
    assert platform.http.get("/_world/faults").json == {"faults": []}
