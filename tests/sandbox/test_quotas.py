"""Limits that answer 45009 and 45011, and quota/get that agrees with them."""

from typing import Any

from sandbox import demo
from tests.sandbox.playing import Platform

PHONE = "/wxa/business/getuserphonenumber"


def limit(platform: Platform, **paths: Any) -> None:
    platform.world(f"apps/{demo.APPID}", limits=paths)


def quota(platform: Platform, path: str) -> Any:
    return platform.post("/cgi-bin/openapi/quota/get", {"cgi_path": path})


def test_daily_limit_agrees_with_quota_get_and_ends_at_midnight_in_beijing(platform: Platform) -> None:
    platform.world("clock", now="2026-05-01T23:50:00+08:00")
    limit(platform, **{PHONE: {"daily": 3}})
    codes = [platform.post(PHONE, {"code": "x"})["errcode"] for _ in range(4)]
    assert codes == [40029, 40029, 40029, 45009]
    assert quota(platform, PHONE)["quota"] == {"daily_limit": 3, "used": 3, "remain": 0}
    platform.world("clock", now="2026-05-02T00:00:01+08:00")
    assert quota(platform, PHONE)["quota"] == {"daily_limit": 3, "used": 0, "remain": 3}
    assert platform.post(PHONE, {"code": "x"})["errcode"] == 40029


def test_minute_limit(platform: Platform) -> None:
    platform.world("clock", now=1_800_000_001)
    limit(platform, **{PHONE: {"minute": 2}})
    assert [platform.post(PHONE, {"code": "x"})["errcode"] for _ in range(3)] == [40029, 40029, 45011]
    assert quota(platform, PHONE)["rate_limit"] == {"call_count": 2, "refresh_second": 60}
    platform.world("clock", advance=60)
    assert platform.post(PHONE, {"code": "x"})["errcode"] == 40029


def test_token_path_has_the_documented_daily_limit(platform: Platform) -> None:
    for _ in range(7):
        platform.token()
    assert quota(platform, "/cgi-bin/token")["quota"] == {"daily_limit": 2000, "used": 7, "remain": 1993}
    limit(platform, **{"/cgi-bin/token": {"daily": 7}})
    assert platform.token()["errcode"] == 45009
    secret = {"appid": demo.APPID, "appsecret": demo.SECRET}
    assert platform.http.post("/cgi-bin/clear_quota/v2", json=secret).json["errcode"] == 0
    assert "access_token" in platform.token()


def test_links_share_one_pool_with_their_own_codes(platform: Platform) -> None:
    platform.world("clock", now=1_800_000_000.5)
    for path in ("/wxa/generate_urllink", "/wxa/generatescheme"):
        limit(platform, **{name: {"daily": 3} for name in ("/wxa/generate_urllink", "/wxa/generatescheme")})
        assert platform.post(path, {"path": ""})["errcode"] == 0
    assert quota(platform, "/wxa/generatescheme")["quota"]["used"] == 2
    platform.post("/wxa/generatescheme", {"jump_wxa": {}})
    assert platform.post("/wxa/generate_urllink", {"path": ""})["errcode"] == 44993


def test_ten_clears_a_month_shared_by_both_ways(platform: Platform) -> None:
    platform.world("clock", now="2026-05-20T12:00:00+08:00")
    secret = {"appid": demo.APPID, "appsecret": demo.SECRET}
    for _ in range(5):
        assert platform.post("/cgi-bin/clear_quota", {"appid": demo.APPID})["errcode"] == 0
        assert platform.http.post("/cgi-bin/clear_quota/v2", json=secret).json["errcode"] == 0
    assert platform.post("/cgi-bin/clear_quota", {"appid": demo.APPID})["errcode"] == 48006
    platform.world("clock", now="2026-06-01T00:00:01+08:00")
    assert platform.post("/cgi-bin/clear_quota", {"appid": demo.APPID})["errcode"] == 0
    assert platform.post("/cgi-bin/clear_quota", {"appid": "wx0"})["errcode"] == 40013


def test_one_path_can_be_cleared(platform: Platform) -> None:
    limit(platform, **{PHONE: {"daily": 1}})
    platform.post(PHONE, {"code": "x"})
    assert platform.post(PHONE, {"code": "x"})["errcode"] == 45009
    assert platform.post("/cgi-bin/openapi/quota/clear", {"cgi_path": PHONE})["errcode"] == 0
    assert platform.post(PHONE, {"code": "x"})["errcode"] == 40029


def test_paths_that_quota_tools_do_not_know(platform: Platform) -> None:
    assert quota(platform, "/wxa/never")["errcode"] == 76021
    assert quota(platform, "wxa/business/getuserphonenumber")["errcode"] == 76021
    assert quota(platform, "/sns/jscode2session")["errcode"] == 76022
    assert platform.post("/cgi-bin/openapi/quota/clear", {"cgi_path": "/no"})["errcode"] == 76021


def test_a_rid_tells_its_own_app_what_happened(platform: Platform) -> None:
    refused = platform.post(PHONE, {"code": "secret-code"})
    rid = refused["errmsg"][-26:]
    found = platform.post("/cgi-bin/openapi/rid/get", {"rid": rid})["request"]
    assert "secret-code" in found["request_body"]
    assert str(refused["errcode"]) in found["response_body"]
    assert found["request_url"].endswith("xxxx")
    other = platform.world("apps", appid="wx00000000000000aa", secret="s" * 32)
    platform.appid, platform.secret = other["appid"], other["secret"]
    assert platform.post("/cgi-bin/openapi/rid/get", {"rid": rid})["errcode"] == 76003


def test_callback_check(platform: Platform) -> None:
    path = "/cgi-bin/callback/check"
    platform.world(f"apps/{demo.APPID}", callback_url="https://shop.example/pushes")
    assert list(platform.post(path, {"action": "dns", "check_operator": "CAP"})) == ["dns"]
    assert platform.post(path, {"action": "fly"})["errcode"] == 40202
    assert platform.post(path, {"action": "all", "check_operator": "X"})["errcode"] == 40203
    platform.world(f"apps/{demo.APPID}", callback_url="")
    assert platform.post(path, {"action": "all"})["errcode"] == 40201
