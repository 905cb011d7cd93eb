"""Staff come in by their code in the demo brand, and are out the moment they leave."""

import dataclasses
import datetime as dt
from collections.abc import Iterator

import flask
import pytest
from flask.testing import FlaskClient

from app.kernel.ids import seal
from app.kernel.settings import SettingsError, read_settings, settings
from app.people import teams
from app.people.teams import operations
from app.web import fields, guards
from app.web.application import create_app
from app.web.endpoint import Door
from app.web.guards import STAFF_COOKIE, Staff, set_staff_cookie, sign_in_staff, staff
from tests.factories.people import a_staff, a_store, signed_in_staff


def sign_in(client: FlaskClient, code: str) -> flask.Response:
    return client.post("/wecom/v1/demo-sign-in", json={"staff_code": code})  # type: ignore[return-value]


def test_a_clerk_signs_in_and_sees_who_they_are(client: FlaskClient, now: dt.datetime) -> None:
    store_id = a_store(now)
    staff_id = a_staff(now, code="E1", name="林晓", store_id=store_id)
    token = sign_in(client, "E1").get_json()["token"]
    me = client.get("/wecom/v1/me", headers={"Authorization": f"Bearer {token}"}).get_json()

    assert me == {
        "staff_id": seal("staff", staff_id),
        "code": "E1",
        "name": "林晓",
        "role": "clerk",
        "role_title": "店员",
        "store_ids": [seal("store", store_id)],
    }


def test_G03_who_left_is_out_at_once(client: FlaskClient, now: dt.datetime) -> None:
    staff_id = a_staff(now, code="E1")
    headers = signed_in_staff(staff_id)
    assert client.get("/wecom/v1/me", headers=headers).status_code == 200
    teams.leave(staff_id=staff_id, why="离职", now=now)

    assert client.get("/wecom/v1/me", headers=headers).status_code == 401
    assert sign_in(client, "E1").get_json()["code"] == "staff.unknown"
    a_staff(now, code="E1")
    assert client.get("/wecom/v1/me", headers=headers).status_code == 401, "the old session does not come back"


def test_signing_out_ends_the_session(client: FlaskClient, now: dt.datetime) -> None:
    headers = signed_in_staff(a_staff(now))

    assert client.post("/wecom/v1/sign-out", headers=headers).get_json() == {"signed_out": True}
    assert client.get("/wecom/v1/me", headers=headers).status_code == 401


def test_outside_the_demo_brand_nobody_signs_in_by_code(
    client: FlaskClient, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_staff(now, code="E1")
    real = dataclasses.replace(settings(), demo=False)
    monkeypatch.setattr(operations, "settings", lambda: real)
    answer = sign_in(client, "E1")

    assert (answer.status_code, answer.get_json()["code"]) == (403, "staff.demo_only")


def test_production_does_not_start_with_the_demo_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    with pytest.raises(SettingsError, match="GUIYI_DEMO"):
        read_settings(dict(os.environ) | {"GUIYI_ENV": "production", "GUIYI_TEST_CLOCK": "", "GUIYI_DEMO": "1"})


@pytest.mark.parametrize("body", [{}, {"staff_code": ""}, {"staff_code": "a\0"}, {"staff_code": "E1", "role": "admin"}])
@pytest.mark.usefixtures("database")
def test_a_malformed_sign_in_is_refused(client: FlaskClient, body: dict) -> None:
    assert client.post("/wecom/v1/demo-sign-in", json=body).status_code == 422


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nobody"}, {"Authorization": "Bearer "}])
@pytest.mark.usefixtures("database")
def test_who_has_not_signed_in_is_told_so(client: FlaskClient, headers: dict) -> None:
    assert client.get("/wecom/v1/me", headers=headers).status_code == 401
    assert client.post("/wecom/v1/sign-out", headers=headers).status_code == 401


class Ok(fields.Schema):
    name = fields.Text()


leads = Door("leads", prefix="/leads", guard=staff("lead", "admin"), about="a room for leads")


@leads.reads("", gives=Ok)
def look(caller: Staff) -> Staff:
    """Look."""
    return caller


@leads.writes("", gives=Ok)
def act(caller: Staff) -> Staff:
    """Act."""
    return caller


@pytest.fixture
def lead_room(application: flask.Flask, client: FlaskClient) -> Iterator[FlaskClient]:
    """A door for leads of an application of its own, on the test's own database session."""
    from app.kernel.database import db

    app = create_app(entrances=[])
    app.register_blueprint(leads.blueprint)
    app.extensions["sqlalchemy"] = application.extensions["sqlalchemy"]
    with app.app_context():
        db._app_engines[app] = db._app_engines[application]  # the connection of the test's transaction
        yield app.test_client()


def test_a_role_that_may_not_is_told_which_may(lead_room: FlaskClient, now: dt.datetime) -> None:
    refused = lead_room.get("/leads", headers=signed_in_staff(a_staff(now, role="clerk")))
    welcome = lead_room.get("/leads", headers=signed_in_staff(a_staff(now, role="lead")))

    assert (refused.status_code, refused.get_json()["data"]) == (403, {"roles": ["lead", "admin"]})
    assert welcome.status_code == 200
    with pytest.raises(ValueError, match="boss"):
        staff("boss")


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost", 200),
        ("https://evil.example", 403),
        ("null", 403),
        (None, 403),
        ("http://localhost.evil", 403),
    ],
)
def test_the_cookie_changes_nothing_from_another_site(
    lead_room: FlaskClient, now: dt.datetime, origin: str | None, status: int
) -> None:
    lead_room.set_cookie(STAFF_COOKIE, sign_in_staff(staff_id=a_staff(now, role="lead")))
    headers = {"Origin": origin} if origin else {}

    assert lead_room.get("/leads", headers=headers).status_code == 200, "looking is harmless"
    assert lead_room.post("/leads", headers=headers).status_code == status


def test_the_cookie_is_hidden_from_scripts_and_other_sites(application: flask.Flask) -> None:
    with application.test_request_context(base_url="https://brand.example"):
        response = flask.Response()
        set_staff_cookie(response, "token")

    cookie = response.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=Lax"))


def test_behind_a_proxy_in_production_the_cookie_is_for_tls_only(
    application: flask.Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    production = dataclasses.replace(settings(), environment="production")
    monkeypatch.setattr(guards, "settings", lambda: production)
    with application.test_request_context(base_url="http://brand.example"):
        response = flask.Response()
        set_staff_cookie(response, "token")

    assert "Secure" in response.headers["Set-Cookie"]


@pytest.mark.parametrize("path", ["/console/sign-in", "/wecom/sign-in"])
def test_both_sign_in_pages_set_the_same_cookie(client: FlaskClient, now: dt.datetime, path: str) -> None:
    a_staff(now, role="lead", code="E700")
    answer = client.post(path, data={"staff_code": "E700"}, headers={"Origin": "http://localhost"})

    assert answer.status_code == 303
    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("Max-Age=43200", "HttpOnly", "SameSite=Lax"))
