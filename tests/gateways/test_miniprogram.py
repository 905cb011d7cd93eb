"""The gateway as it ships, against the simulated platform: what it answers, how it fails, how it shares its token."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.gateways import miniprogram
from app.gateways.wechat import tokens
from app.kernel.redis import client as redis_client
from tests.factories.platform import Platform

LOGIN = "/sns/jscode2session"
PHONE = "/wxa/business/getuserphonenumber"
TOKEN = "/cgi-bin/stable_token"


def test_a_login_code_says_who_it_is(platform: Platform) -> None:
    person = platform.person()
    visitor = miniprogram.code_to_session(platform.opens(person))

    assert visitor == miniprogram.Visitor(platform.appid, person["openid"], person["unionid"])
    assert platform.calls(TOKEN) == [], "logging in needs no token"


def test_an_app_without_open_platform_account_has_no_unionid(platform: Platform) -> None:
    platform.world(f"apps/{platform.appid}", bound=False)

    assert miniprogram.code_to_session(platform.opens(platform.person())).unionid is None


@pytest.mark.parametrize(("given", "expected"), [({}, "+8613800001111"), ({"country_code": "852"}, "+85261234567")])
def test_C12_a_phone_code_gives_the_number_with_its_country(platform: Platform, given: dict, expected: str) -> None:
    person = platform.person(phone=expected.removeprefix("+86").removeprefix("+852"), **given)
    platform.world("switches", country_code_as_number=True)

    assert miniprogram.phone_number(platform.presses_phone_button(person), person["openid"]) == expected


def test_a_code_works_once(platform: Platform) -> None:
    person = platform.person()
    login, phone = platform.opens(person), platform.presses_phone_button(person)
    miniprogram.code_to_session(login)
    miniprogram.phone_number(phone, person["openid"])

    with pytest.raises(miniprogram.CodeUsed):
        miniprogram.code_to_session(login)
    with pytest.raises(miniprogram.CodeInvalid):
        miniprogram.phone_number(phone, person["openid"])


def test_codes_of_nobody_and_of_somebody_else_are_told_apart(platform: Platform) -> None:
    person, other = platform.person(), platform.person()

    with pytest.raises(miniprogram.CodeInvalid):
        miniprogram.code_to_session("0" * 32)
    with pytest.raises(miniprogram.CodeForeign):
        miniprogram.phone_number(platform.presses_phone_button(person), other["openid"])


def test_a_high_risk_account_is_refused(platform: Platform) -> None:
    with pytest.raises(miniprogram.LoginBlocked):
        miniprogram.code_to_session(platform.opens(platform.person(risky=True)))


@pytest.mark.parametrize(
    ("order", "refusal"),
    [
        ({"kind": "lost_answer"}, miniprogram.PlatformAway),
        ({"kind": "http_error", "status": 502}, miniprogram.PlatformAway),
        ({"kind": "html"}, miniprogram.PlatformAway),
        ({"kind": "cut_short"}, miniprogram.PlatformAway),
        ({"kind": "busy", "times": 3}, miniprogram.PlatformAway),
        ({"kind": "errcode", "errcode": 45011}, miniprogram.CalledTooOften),
        ({"kind": "errcode", "errcode": 40125}, miniprogram.PlatformRefused),
    ],
)
def test_whatever_is_no_answer_is_a_refusal(platform: Platform, order: dict, refusal: type[Exception]) -> None:
    code = platform.opens(platform.person())
    platform.fault(LOGIN, **order)

    with pytest.raises(refusal):
        miniprogram.code_to_session(code)


def test_after_a_lost_answer_the_code_is_used_up(platform: Platform) -> None:
    code = platform.opens(platform.person())
    platform.fault(LOGIN, "lost_answer")

    with pytest.raises(miniprogram.PlatformAway):
        miniprogram.code_to_session(code)
    with pytest.raises(miniprogram.CodeUsed):
        miniprogram.code_to_session(code)


def test_a_busy_platform_is_asked_again(platform: Platform) -> None:
    person = platform.person()
    platform.fault(LOGIN, "busy", times=2)

    assert miniprogram.code_to_session(platform.opens(person)).openid == person["openid"]
    assert [call["errcode"] for call in platform.calls(LOGIN)][:2] == [-1, -1]
    assert len(platform.calls(LOGIN)) == 3


def test_a_content_type_that_lies_does_not_matter(platform: Platform) -> None:
    person = platform.person()
    platform.fault(LOGIN, "content_type", content_type="text/plain")

    assert miniprogram.code_to_session(platform.opens(person)).openid == person["openid"]


def phone(platform: Platform) -> str:
    person = platform.person(phone="13800001111")
    return miniprogram.phone_number(platform.presses_phone_button(person), person["openid"])


def test_the_token_is_shared_through_redis(platform: Platform) -> None:
    for _ in range(3):
        phone(platform)

    assert len(platform.calls(TOKEN)) == 1
    shared = tokens._name(platform.appid)
    assert 0 < redis_client().ttl(shared) <= 7200 - tokens.MARGIN_SECONDS


@pytest.mark.parametrize("spoil", ["expire", "replace", "garble"])
def test_a_refused_token_is_replaced_once_and_the_call_made_again(platform: Platform, spoil: str) -> None:
    phone(platform)
    if spoil == "expire":
        platform.world("clock", advance=7300)  # 42001
    elif spoil == "replace":
        platform.world(f"apps/{platform.appid}/expire_tokens")
    else:
        redis_client().set(tokens._name(platform.appid), "garbled")  # 40014

    assert phone(platform) == "+8613800001111"
    errcodes = [call["errcode"] for call in platform.calls(PHONE)]
    assert (errcodes[0], errcodes[2:]) == (0, [0])
    assert errcodes[1] in {42001, 40001, 40014}
    assert len(platform.calls(TOKEN)) == 2


def test_a_token_the_platform_goes_on_giving_and_refusing_is_forced(platform: Platform) -> None:
    phone(platform)
    platform.fault(PHONE, "errcode", errcode=40001)

    assert phone(platform) == "+8613800001111"
    assert len(platform.calls(TOKEN)) == 3, "the first, the same again, the forced one"


def test_a_platform_that_refuses_every_token_is_not_asked_for_ever(platform: Platform) -> None:
    platform.fault(PHONE, "errcode", errcode=40001, times=0)

    with pytest.raises(miniprogram.PlatformRefused):
        phone(platform)
    assert len(platform.calls(PHONE)) == 2


def test_one_of_many_refreshes_the_token(platform: Platform) -> None:
    """Each thread its own, as if it were a process: only Redis is between them."""
    start = threading.Barrier(12)
    platform.fault(TOKEN, "latency", seconds=0.3)

    def call(_: int) -> str:
        start.wait()
        return phone(platform)

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(call, range(12))) == {"+8613800001111"}
    assert len(platform.calls(TOKEN)) == 1


def test_nobody_waits_for_ever_on_a_refresh_that_hangs(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "WAIT_SECONDS", 0.1)
    redis_client().set(f"{tokens._name(platform.appid)}:refresh", "somebody", ex=15)

    with pytest.raises(miniprogram.PlatformAway):
        phone(platform)


def test_a_page_has_codes_and_links(platform: Platform) -> None:
    assert miniprogram.page_code(scene="store=S001", page="pages/stores/index").startswith(b"\x89PNG")
    assert miniprogram.page_link(path="pages/card/index", query="from=sms").startswith("https://")


def test_a_page_that_is_not_released_has_no_code(platform: Platform) -> None:
    with pytest.raises(miniprogram.PlatformRefused) as refused:
        miniprogram.page_code(scene="x", page="pages/none")
    assert refused.value.data == {"errcode": 41030}

    platform.fault("/wxa/getwxacodeunlimit", "html")
    with pytest.raises(miniprogram.PlatformAway):
        miniprogram.page_code(scene="x", page="pages/stores/index")
