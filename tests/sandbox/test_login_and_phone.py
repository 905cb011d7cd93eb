"""Login codes, phone codes and session keys: once, five minutes, bound to their app and their purpose."""

import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest

from sandbox import demo
from tests.sandbox.playing import Platform

HMAC = "hmac_sha256"


def test_login_code_gives_openid_key_and_unionid_once(platform: Platform) -> None:
    person = platform.person(name="林晓")
    code = platform.world(f"people/{person['person_id']}/open")["code"]
    first = platform.login(code)
    assert first["openid"] == person["openid"]
    assert first["unionid"] == person["unionid"]
    assert len(first["session_key"]) == 24
    assert "errcode" not in first
    assert platform.login(code)["errcode"] == 40163


def test_login_code_lives_five_minutes(platform: Platform) -> None:
    pid = platform.person()["person_id"]
    code, other = (platform.world(f"people/{pid}/open")["code"] for _ in range(2))
    platform.world("clock", advance=298)
    assert "openid" in platform.login(code)
    platform.world("clock", advance=3)
    assert platform.login(other)["errcode"] == 40029


def test_reused_code_may_answer_40029(platform: Platform) -> None:
    platform.world("switches", reused_login_code_is_40029=True)
    code = platform.world(f"people/{platform.person()['person_id']}/open")["code"]
    platform.login(code)
    assert platform.login(code)["errcode"] == 40029


def test_login_code_of_another_app_is_invalid(platform: Platform) -> None:
    other = platform.world("apps", appid="wx00000000000000aa", secret="s" * 32)
    code = platform.world(f"people/{platform.person()['person_id']}/open", appid=other["appid"])["code"]
    assert platform.login(code)["errcode"] == 40029
    assert "openid" in platform.login(code, appid=other["appid"], secret=other["secret"])


@pytest.mark.parametrize(
    ("more", "errcode"),
    [
        ({"appid": ""}, 41002),
        ({"secret": ""}, 41004),
        ({"js_code": ""}, 41008),
        ({"appid": "wx0000000000000000"}, 40013),
        ({"secret": "wrong"}, 40125),
        ({"grant_type": "code"}, 40002),
        ({"js_code": "0" * 32}, 40029),
    ],
)
def test_login_refuses(platform: Platform, more: dict[str, str], errcode: int) -> None:
    code = platform.world(f"people/{platform.person()['person_id']}/open")["code"]
    assert platform.login(code, **more)["errcode"] == errcode
    assert "openid" in platform.login(code)


def test_risky_person_is_blocked_at_login(platform: Platform) -> None:
    person = platform.person(risky=True)
    code = platform.world(f"people/{person['person_id']}/open")["code"]
    assert platform.login(code)["errcode"] == 40226


def test_one_code_by_twenty_threads_succeeds_once(platform: Platform) -> None:
    code = platform.world(f"people/{platform.person()['person_id']}/open")["code"]

    def attempt(_: int) -> Any:
        return Platform(platform.app).login(code)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(attempt, range(20)))
    assert sum("openid" in answer for answer in answers) == 1
    assert sum(answer.get("errcode") == 40163 for answer in answers) == 19


def test_nothing_is_answered_while_somebody_else_changes_the_world(platform: Platform) -> None:
    code = platform.world(f"people/{platform.person()['person_id']}/open")["code"]
    with ThreadPoolExecutor(1) as pool:
        with platform.app.extensions["world"].changing():
            waiting = pool.submit(Platform(platform.app).login, code)
            assert wait([waiting], timeout=0.3).not_done
        assert "openid" in waiting.result(timeout=10)


def test_hundred_logins_a_minute_then_45011(platform: Platform) -> None:
    pid = platform.person()["person_id"]
    platform.world("clock", now=1_800_000_000)
    for _ in range(100):
        assert "openid" in platform.login(platform.world(f"people/{pid}/open")["code"])
    assert platform.login(platform.world(f"people/{pid}/open")["code"])["errcode"] == 45011
    platform.world("clock", advance=60)
    assert "openid" in platform.login(platform.world(f"people/{pid}/open")["code"])


def test_phone_code_gives_the_number_once(platform: Platform) -> None:
    person = platform.person(phone="13800001111")
    code = platform.world(f"people/{person['person_id']}/phone")["code"]
    info = platform.post("/wxa/business/getuserphonenumber", {"code": code, "openid": person["openid"]})["phone_info"]
    assert (info["phoneNumber"], info["purePhoneNumber"], info["countryCode"]) == ("13800001111", "13800001111", "86")
    assert info["watermark"]["appid"] == demo.APPID
    assert platform.post("/wxa/business/getuserphonenumber", {"code": code})["errcode"] == 40029


def test_foreign_number_carries_its_prefix(platform: Platform) -> None:
    platform.world("switches", country_code_as_number=True)
    person = platform.person(phone="61234567", country_code="852")
    code = platform.world(f"people/{person['person_id']}/phone")["code"]
    info = platform.post("/wxa/business/getuserphonenumber", {"code": code})["phone_info"]
    assert (info["phoneNumber"], info["purePhoneNumber"], info["countryCode"]) == ("+85261234567", "61234567", 852)


def test_code_kinds_are_not_interchangeable(platform: Platform) -> None:
    pid = platform.person()["person_id"]
    login = platform.world(f"people/{pid}/open")["code"]
    phone = platform.world(f"people/{pid}/phone")["code"]
    assert platform.post("/wxa/business/getuserphonenumber", {"code": login})["errcode"] == 40029
    assert platform.login(phone)["errcode"] == 40029
    assert "openid" in platform.login(login)
    assert platform.post("/wxa/business/getuserphonenumber", {"code": phone})["errcode"] == 0


def test_phone_code_is_checked_against_openid_app_and_age(platform: Platform) -> None:
    person, other = platform.person(), platform.person()
    app = platform.world("apps", appid="wx00000000000000aa", secret="s" * 32)
    path = f"people/{person['person_id']}/phone"
    code = platform.world(path)["code"]
    send = "/wxa/business/getuserphonenumber"
    assert platform.post(send, {"code": code, "openid": other["openid"]})["errcode"] == 40003
    assert platform.post(send, {"code": platform.world(path, appid=app["appid"])["code"]})["errcode"] == 40013
    platform.world("clock", advance=301)
    assert platform.post(send, {"code": code})["errcode"] == 40029


def test_refused_phone_button_gives_no_code(platform: Platform) -> None:
    answer = platform.world(f"people/{platform.person()['person_id']}/phone", allow=False)
    assert answer == {"errMsg": "getPhoneNumber:fail user deny"}


def test_phone_quota_of_the_app_runs_out_on_the_phone(platform: Platform) -> None:
    platform.world(f"apps/{demo.APPID}", phone_quota=1)
    pid = platform.person()["person_id"]
    assert "code" in platform.world(f"people/{pid}/phone")
    assert platform.world(f"people/{pid}/phone")["errno"] == 1400001


def test_checksession_follows_the_current_key(platform: Platform) -> None:
    person = platform.person()
    path = f"people/{person['person_id']}/open"
    old = platform.login(platform.world(path)["code"])
    signed = {"openid": old["openid"], "signature": signature(old["session_key"]), "sig_method": HMAC}
    assert platform.get("/wxa/checksession", **signed) == {"errcode": 0, "errmsg": "ok"}
    assert platform.get("/wxa/checksession", **{**signed, "sig_method": "md5"})["errcode"] == 87008
    platform.world(path)
    assert platform.get("/wxa/checksession", **signed)["errcode"] == 87009


def test_reset_gives_a_new_key_with_the_old_expiry(platform: Platform) -> None:
    person = platform.person()
    key = platform.login(platform.world(f"people/{person['person_id']}/open")["code"])["session_key"]
    platform.world("clock", advance=2 * 86400)
    signed = {"openid": person["openid"], "signature": signature(key), "sig_method": HMAC}
    new = platform.get("/wxa/resetusersessionkey", **signed)["session_key"]
    assert new != key
    assert platform.get("/wxa/checksession", **signed)["errcode"] == 87009
    signed["signature"] = signature(new)
    assert platform.get("/wxa/checksession", **signed)["errcode"] == 0
    platform.world("clock", advance=86400)
    assert platform.get("/wxa/checksession", **signed)["errcode"] == 87009


def signature(session_key: str) -> str:
    return hmac.new(session_key.encode(), b"", hashlib.sha256).hexdigest()
