"""Mini-program codes are real images; links and texts are judged by the documented rules."""

import io
from typing import Any

import pytest
import segno
from PIL import Image

from sandbox import demo
from sandbox.platform.codes import code_content
from tests.sandbox.playing import Platform

CODE = "/wxa/getwxacodeunlimit"
DAY = 86400


@pytest.mark.parametrize("width", [280, 430, 1280])
def test_the_image_holds_the_scene_in_a_readable_code(platform: Platform, width: int) -> None:
    body = {"scene": "s=12&c=9", "page": "pages/index/index", "width": width}
    answer = platform.post(CODE, body)
    assert answer.mimetype == "image/png"
    picture = Image.open(io.BytesIO(answer.data))
    assert picture.size == (width, width)
    expected = segno.make(code_content(demo.APPID, page=body["page"], scene=body["scene"]), error="m", micro=False)
    assert modules_of(picture) == [[bool(dark) for dark in row] for row in expected.matrix]


def modules_of(picture: Image.Image) -> list[list[bool]]:
    """Reads the code's squares back from the pixels, by the dark area's bounds and the finder's width of 7."""
    grey = picture.convert("L").point(lambda level: 255 if level < 128 else 0)
    left, top, right, _ = grey.getbbox() or (0, 0, 0, 0)
    run = next(x for x in range(left, right) if not grey.getpixel((x, top))) - left
    size = run // 7
    count = (right - left) // size
    at = range(count)
    return [[bool(grey.getpixel((left + size * x + size // 2, top + size * y + size // 2))) for x in at] for y in at]


def test_colour_and_transparency(platform: Platform) -> None:
    body = {"scene": "a", "line_color": {"r": "7", "g": "193", "b": "96"}, "is_hyaline": True}
    picture = Image.open(io.BytesIO(platform.post(CODE, body).data))
    assert picture.mode == "RGBA"
    assert {colour for _, colour in picture.getcolors() or []} == {(255, 255, 255, 0), (7, 193, 96, 255)}


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({}, 40169),
        ({"scene": ""}, 40169),
        ({"scene": "a" * 33}, 40169),
        ({"scene": "a%20"}, 40129),
        ({"scene": "门店"}, 40129),
        ({"scene": "scancode_time=1"}, 85096),
        ({"scene": "a", "page": "/pages/index/index"}, 41030),
        ({"scene": "a", "page": "pages/index/index?x=1"}, 41030),
        ({"scene": "a", "page": "pages/none"}, 41030),
        ({"scene": "a", "width": 100}, 40097),
        ({"scene": "a", "env_version": "beta"}, 40097),
    ],
)
def test_code_refusals_are_json(platform: Platform, body: dict[str, Any], errcode: int) -> None:
    assert platform.post(CODE, body)["errcode"] == errcode


def test_unreleased_page_passes_without_the_check_and_forms_are_refused(platform: Platform) -> None:
    answer = platform.post(CODE, {"scene": "a", "page": "pages/none", "check_path": False})
    assert answer.mimetype == "image/png"
    query = {"access_token": platform.fresh_token()}
    assert platform.http.post(CODE, query_string=query, data={"scene": "a"}).json["errcode"] == 40169


@pytest.mark.parametrize(
    ("more", "errcode"),
    [
        ({}, 0),
        ({"path": "pages/none"}, 40165),
        ({"query": "a=中"}, 40212),
        ({"query": "a" * 1025}, 40212),
        ({"query": "a" * 1024}, 0),
        ({"env_version": "beta"}, 85402),
        ({"expire_type": 1, "expire_interval": 30}, 0),
        ({"expire_type": 1, "expire_interval": 31}, 85401),
        ({"expire_type": 1}, 85401),
        ({"expire_type": 0, "expire_time": 30}, 85401),
        ({"expire_type": 0, "expire_time": 29 * DAY}, 0),
        ({"expire_type": 0, "expire_time": 31 * DAY}, 85401),
        ({"cloud_base": {"env": "x"}}, 85088),
    ],
)
def test_url_links(platform: Platform, more: dict[str, Any], errcode: int) -> None:
    if "expire_time" in more:
        now = platform.http.get("/_world/clock").json["now"]
        more = {**more, "expire_time": int(now) + more["expire_time"]}
    answer = platform.post("/wxa/generate_urllink", {"path": "/pages/index/index", **more})
    assert answer["errcode"] == errcode
    assert errcode or answer["url_link"].startswith("https://wxaurl.cn/")


def test_scheme_and_personal_accounts(platform: Platform) -> None:
    answer = platform.post("/wxa/generatescheme", {"jump_wxa": {"path": "pages/index/index"}})
    assert answer["openlink"].startswith("weixin://dl/business/?t=")
    platform.world(f"apps/{demo.APPID}", personal=True)
    assert platform.post("/wxa/generatescheme", {})["errcode"] == 85407
    assert platform.post("/wxa/generate_urllink", {"path": ""})["errcode"] == 40002
    platform.world(f"apps/{demo.APPID}", personal=False, pages=[])
    assert platform.post("/wxa/generate_urllink", {"path": ""})["errcode"] == 85079


def check(platform: Platform, openid: str, **more: Any) -> Any:
    body = {"openid": openid, "scene": 2, "version": 2, "content": "你好", **more}
    return platform.post("/wxa/msg_sec_check", body)


def test_content_is_judged_for_recent_visitors_only(platform: Platform) -> None:
    person = platform.person()
    openid = person["openid"]
    assert check(platform, openid)["errcode"] == 61010
    platform.world(f"people/{person['person_id']}/open")
    assert check(platform, openid)["result"] == {"suggest": "pass", "label": 100}
    assert check(platform, openid, content="一起赌博")["result"]["suggest"] == "risky"
    assert check(platform, openid, nickname="刷单")["result"] == {"suggest": "review", "label": 20008}
    platform.world("clock", advance=7199)
    assert check(platform, openid)["errcode"] == 0
    platform.world("clock", advance=2)
    assert check(platform, openid)["errcode"] == 61010


@pytest.mark.parametrize(
    ("more", "errcode"),
    [
        ({"content": ""}, 44004),
        ({"content": "字" * 2500}, 0),
        ({"content": "字" * 2501}, 45002),
        ({"scene": 5}, 40129),
        ({"scene": None}, 40129),
        ({"openid": "o" * 28}, 40003),
    ],
)
def test_content_refusals(platform: Platform, more: dict[str, Any], errcode: int) -> None:
    person = platform.person()
    platform.world(f"people/{person['person_id']}/open")
    assert check(platform, **{"openid": person["openid"], **more})["errcode"] == errcode


def test_content_of_anothers_user_and_the_older_version(platform: Platform) -> None:
    other = platform.world("apps", appid="wx00000000000000aa", secret="s" * 32)["appid"]
    assert check(platform, platform.person()["openids"][other])["errcode"] == 43104
    assert platform.post("/wxa/msg_sec_check", {"content": "你好"}) == {"errcode": 0, "errmsg": "ok"}
    assert platform.post("/wxa/msg_sec_check", {"content": "毒品"})["errcode"] == 87014
    assert platform.http.get("/wxa/msg_sec_check").json["errcode"] == 43302


def test_templates_from_the_library_can_be_sent(platform: Platform) -> None:
    answer = platform.post("/wxaapi/newtmpl/addtemplate", {"tid": "512", "kidList": [4, 1], "sceneDesc": "预约"})
    rows = platform.get("/wxaapi/newtmpl/gettemplate")["data"]
    added = next(row for row in rows if row["priTmplId"] == answer["priTmplId"])
    assert added["content"] == "状态:{{phrase4.DATA}}\n项目:{{thing1.DATA}}\n"
    assert platform.post("/wxaapi/newtmpl/addtemplate", {"tid": "0", "kidList": [1]})["errcode"] == 200014
    assert platform.post("/wxaapi/newtmpl/addtemplate", {"tid": "512", "kidList": [9]})["errcode"] == 200020
