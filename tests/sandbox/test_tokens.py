"""Lifetimes of access tokens under the sandbox's clock, and how a wrong one is answered."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox import demo
from tests.sandbox.playing import Platform


def works(platform: Platform, token: str) -> int:
    return int(platform.get("/cgi-bin/get_api_domain_ip", access_token=token).get("errcode", 0))


def test_old_token_works_five_minutes_beside_the_new(platform: Platform) -> None:
    old, new = platform.token()["access_token"], platform.token()["access_token"]
    assert old != new
    platform.world("clock", advance=298)
    assert (works(platform, old), works(platform, new)) == (0, 0)
    platform.world("clock", advance=3)
    assert (works(platform, old), works(platform, new)) == (40001, 0)


def test_token_expires_after_two_hours(platform: Platform) -> None:
    token = platform.token()["access_token"]
    platform.world("clock", advance=7195)
    assert works(platform, token) == 0
    platform.world("clock", advance=6)
    assert works(platform, token) == 42001


def test_stable_token_stays_until_its_last_five_minutes(platform: Platform) -> None:
    first = platform.stable()
    platform.world("clock", advance=7200 - 310)
    again = platform.stable()
    assert again["access_token"] == first["access_token"]
    assert again["expires_in"] >= 300
    platform.world("clock", advance=20)
    later = platform.stable()
    assert later["access_token"] != first["access_token"]
    assert later["expires_in"] == 7200
    assert works(platform, first["access_token"]) == 0
    platform.world("clock", advance=300)
    assert works(platform, first["access_token"]) == 42001


def test_forced_refresh_kills_at_once_but_only_every_thirty_seconds(platform: Platform) -> None:
    first = platform.stable()["access_token"]
    second = platform.stable(force_refresh=True)["access_token"]
    assert (works(platform, first), works(platform, second)) == (40001, 0)
    assert platform.stable(force_refresh=True)["access_token"] == second
    platform.world("clock", advance=31)
    assert platform.stable(force_refresh=True)["access_token"] != second


def test_forced_refresh_kills_those_in_their_overlap_too(platform: Platform) -> None:
    oldest = platform.stable()["access_token"]
    platform.world("clock", advance=7200 - 290)
    older = platform.stable()["access_token"]
    assert (works(platform, oldest), works(platform, older)) == (0, 0)
    platform.stable(force_refresh=True)
    assert (works(platform, oldest), works(platform, older)) == (40001, 40001)


def test_forced_refresh_twenty_times_a_day(platform: Platform) -> None:
    platform.world("clock", now="2026-05-01T00:10:00+08:00")
    seen = set()
    for _ in range(20):
        seen.add(platform.stable(force_refresh=True)["access_token"])
        platform.world("clock", advance=31)
    assert len(seen) == 20
    last = platform.stable()["access_token"]
    assert platform.stable(force_refresh=True)["access_token"] == last
    platform.world("clock", now="2026-05-02T00:00:01+08:00")
    assert platform.stable(force_refresh=True)["access_token"] not in seen


def test_pools_are_isolated_unless_they_collide(platform: Platform) -> None:
    stable = platform.stable()["access_token"]
    platform.token()
    platform.world("clock", advance=400)
    assert works(platform, stable) == 0
    platform.world("switches", pools_collide=True)
    platform.token()
    platform.world("clock", advance=301)
    assert works(platform, stable) == 40001


def test_wrong_tokens(platform: Platform) -> None:
    token = platform.fresh_token()
    assert works(platform, "") == 41001
    assert works(platform, token[:20]) == 40014
    assert works(platform, token.replace("_", "%5F", 1)) == 40014
    assert works(platform, "99_" + "a" * 133) == 40001
    platform.world(f"apps/{demo.APPID}/expire_tokens")
    assert works(platform, token) == 42001


@pytest.mark.parametrize(
    ("more", "errcode"),
    [
        ({"grant_type": "other"}, 40002),
        ({"appid": ""}, 41002),
        ({"secret": ""}, 41004),
        ({"appid": "wx0"}, 40013),
        ({"secret": "wrong"}, 40125),
    ],
)
def test_credentials(platform: Platform, more: dict[str, str], errcode: int) -> None:
    assert platform.token(**more)["errcode"] == errcode
    assert platform.stable(**more)["errcode"] == errcode


def test_frozen_secret_and_whitelist(platform: Platform) -> None:
    platform.world(f"apps/{demo.APPID}", ip_whitelist=["10.1.1.1"])
    refused = platform.token()
    assert refused["errcode"] == 40164
    assert refused["errmsg"].startswith("invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist rid: ")
    platform.world(f"apps/{demo.APPID}", ip_whitelist=[], secret_frozen=True)
    assert platform.stable()["errcode"] == 40243


def test_methods_and_bodies(platform: Platform) -> None:
    post = platform.http.post("/cgi-bin/token")
    assert (post.status_code, post.json["errcode"]) == (200, 43001)
    assert platform.http.get("/cgi-bin/stable_token").json["errcode"] == 43002
    assert platform.http.post("/cgi-bin/stable_token", data="{").json["errcode"] == 47001
    assert platform.http.post("/cgi-bin/stable_token").json["errcode"] == 44002
    unknown = platform.http.get("/cgi-bin/never/heard")
    assert (unknown.status_code, unknown.json["errcode"]) == (200, 40066)


def test_many_at_once_share_one_stable_token(platform: Platform) -> None:
    with ThreadPoolExecutor(16) as pool:
        tokens = set(pool.map(lambda _: Platform(platform.app).fresh_token(), range(64)))
    assert len(tokens) == 1
