"""The world's own interface: people, apps, clock, reset, what survives a restart, and refusing production."""

from pathlib import Path

import pytest

from sandbox import RefusedToStart, Settings, create_app, demo
from sandbox.settings import from_environment
from tests.sandbox.playing import Platform


def test_openids_differ_by_app_and_unionid_is_one(platform: Platform) -> None:
    early = platform.person()
    app = platform.world("apps", appid="wx00000000000000aa", secret="s" * 32, bound=False)
    late = platform.http.get(f"/_world/people/{early['person_id']}").json
    assert set(late["openids"]) == {demo.APPID, demo.OA_APPID, app["appid"]}
    assert len(set(late["openids"].values())) == 3
    assert all(len(openid) == 28 for openid in late["openids"].values())
    code = platform.world(f"people/{early['person_id']}/open", appid=app["appid"])["code"]
    assert "unionid" not in platform.login(code, appid=app["appid"], secret="s" * 32)


@pytest.mark.parametrize(
    "body", [{"phone": "abc"}, {"phone": "1"}, {"nickname": "x"}, {"openids": {demo.APPID: "taken"}}]
)
def test_nonsense_people_are_refused(platform: Platform, body: dict[str, object]) -> None:
    platform.person(openids={demo.APPID: "taken"})
    assert platform.http.post("/_world/people", json=body).status_code == 400
    assert len(platform.http.get("/_world/people").json["people"]) == 1


@pytest.mark.parametrize("path", ["people/p9/open", "people/p9/phone", "people/p9/subscribe", "apps/wx9"])
def test_unknown_people_and_apps_are_404(platform: Platform, path: str) -> None:
    assert platform.http.post(f"/_world/{path}", json={}).status_code == 404


@pytest.mark.parametrize("raw", ["[]", "{", '"x"'])
def test_broken_bodies_are_400(platform: Platform, raw: str) -> None:
    assert platform.http.post("/_world/people", data=raw).status_code == 400


def test_clock_by_offset_advance_and_moment(platform: Platform) -> None:
    assert platform.world("clock", offset=100)["offset"] == 100
    assert platform.world("clock", advance=50)["offset"] == 150
    assert platform.world("clock", now="2030-01-01T00:00:00+08:00")["iso"] == "2029-12-31T16:00:00+00:00"
    assert platform.http.post("/_world/clock", json={"now": "2030-01-01T00:00:00"}).status_code == 400
    assert platform.http.post("/_world/clock", json={"offset": 1, "advance": 1}).status_code == 400


def test_reset_is_the_first_day(platform: Platform) -> None:
    platform.person()
    token = platform.fresh_token()
    platform.world("clock", offset=99)
    platform.world("switches", pools_collide=True)
    platform.world("reset")
    assert platform.http.get("/_world/people").json["people"] == []
    assert platform.http.get("/_world/clock").json["offset"] == 0
    assert platform.http.get("/_world/switches").json["pools_collide"] is False
    assert platform.get("/cgi-bin/getcallbackip", access_token=token)["errcode"] == 40001


def test_unknown_switches_are_refused_and_nothing_is_turned(platform: Platform) -> None:
    answer = platform.http.post("/_world/switches", json={"pools_collide": True, "nonsense": True})
    assert answer.status_code == 400
    assert platform.http.get("/_world/switches").json["pools_collide"] is False


def test_people_grants_sessions_and_apps_survive_a_restart(tmp_path: Path) -> None:
    settings = Settings(state_file=str(tmp_path / "world.sqlite"))
    before = Platform(create_app(settings))
    person = before.person(name="林晓")
    path = f"people/{person['person_id']}"
    template = demo.TEMPLATES[0]["template_id"]
    key = before.login(before.world(f"{path}/open")["code"])["session_key"]
    before.world(f"{path}/subscribe", template_ids=[template])
    before.world("apps", appid="wx00000000000000aa", secret="s" * 32, pages=["a/b"])
    after = Platform(create_app(settings))
    found = after.http.get(f"/_world/{path}").json
    openid = after.http.get(f"/_world/{path}").json["openids"][demo.APPID]
    assert (found["name"], openid, found["unionid"]) == ("林晓", person["openid"], person["unionid"])
    assert found["grants"] == {demo.APPID: {template: 1}}
    assert after.world(f"{path}/user_data")["signature"]
    assert after.app.extensions["world"].person(person["person_id"]).sessions[demo.APPID].session_key == key
    assert after.http.get("/_world/apps").json["apps"][-1]["pages"] == ["a/b"]
    assert after.person()["person_id"] != person["person_id"]


@pytest.mark.parametrize("name", ["production", "Production", "prod"])
def test_production_is_refused(name: str) -> None:
    with pytest.raises(RefusedToStart):
        create_app(from_environment({"GUIYI_ENV": name}))


def test_environment_sets_what_the_product_must_know() -> None:
    settings = from_environment({"SANDBOX_APPID": "wx1", "SANDBOX_SECRET": "s", "SANDBOX_PAGES": "/a/b, c"})
    platform = Platform(create_app(settings))
    platform.appid, platform.secret = "wx1", "s"
    assert "access_token" in platform.token()
    assert settings.pages == ("a/b", "c")
