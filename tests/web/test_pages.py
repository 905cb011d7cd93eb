"""Pages: what is served, what is refused, and how errors look there."""

import datetime as dt

import flask
import pytest
from flask.testing import FlaskClient

from app.kernel.errors import Conflict, Unauthenticated
from app.web import words
from app.web.application import create_app
from app.web.pages import Pages

NOW = dt.datetime(2026, 5, 20, 4, 0, tzinfo=dt.UTC)


class OnlyKnown:
    security = "staff"
    key = "toy:1"

    def __call__(self) -> "OnlyKnown":
        if flask.request.cookies.get("toy") != "known":
            raise Unauthenticated
        return self


class Gone(Conflict):
    code = "toy.gone"
    title = "已经没有了"


pages = Pages("toy", prefix="/toy", guard=OnlyKnown(), sign_in="/toy/sign-in")


@pages.acts("/act")
def act(caller: OnlyKnown) -> str:
    return "done"


@pages.shows("/gone")
def gone(caller: OnlyKnown) -> str:
    raise Gone


@pytest.fixture(scope="module")
def toy_app(application: flask.Flask) -> flask.Flask:
    app = create_app(entrances=[])
    app.register_blueprint(pages.blueprint)
    return app


@pytest.fixture
def toy(toy_app: flask.Flask, database: object) -> FlaskClient:
    client = toy_app.test_client()
    client.set_cookie("toy", "known")
    return client


def test_a_stranger_is_sent_to_sign_in_and_htmx_too(toy_app: flask.Flask, database: object) -> None:
    stranger = toy_app.test_client()
    assert stranger.get("/toy/gone").headers["Location"] == "/toy/sign-in"
    assert stranger.get("/toy/gone", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/toy/sign-in"


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
def test_another_site_cannot_act_with_our_cookie(toy: FlaskClient, headers: dict[str, str]) -> None:
    assert toy.post("/toy/act", headers=headers).status_code == 403
    assert toy.post("/toy/act", headers={"Origin": "http://localhost"}).data == b"done"


def test_an_error_on_a_page_is_a_page_that_says_what_and_carries_the_trace(toy: FlaskClient) -> None:
    answer = toy.get("/toy/gone")
    assert answer.status_code == 409
    assert answer.mimetype == "text/html"
    assert "已经没有了" in answer.text
    assert answer.headers["X-Trace-Id"] in answer.text


@pytest.mark.parametrize("name", ["../wsgi.py", "axe-core/axe.min.js", "missing.css", "%2e%2e/pages.py"])
def test_only_listed_assets_are_served(toy: FlaskClient, name: str) -> None:
    assert toy.get(f"/assets/{name}").status_code == 404


def test_our_own_assets_and_the_reference_are_served(toy: FlaskClient) -> None:
    style = toy.get("/assets/look.css")
    assert style.status_code == 200
    assert "max-age" in style.headers["Cache-Control"]
    style.close()
    assert "/assets/swagger-ui.js?v=" in toy.get("/docs").text


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (NOW, "刚刚"),
        (NOW - dt.timedelta(minutes=12), "12 分钟前"),
        (NOW - dt.timedelta(hours=3), "今天 09:00"),
        (NOW - dt.timedelta(hours=17, minutes=40), "昨天 18:20"),
        (NOW + dt.timedelta(hours=20), "明天 08:00"),
        (NOW - dt.timedelta(days=12), "05-08"),
        (NOW - dt.timedelta(days=400), "2025-04-15"),
        (None, "–"),
    ],
)
def test_times_are_said_as_people_say_them(moment: dt.datetime | None, said: str) -> None:
    assert words.when(moment, NOW) == said


@pytest.mark.parametrize(("fen", "said"), [(32600, "¥326"), (32650, "¥326.50"), (-50, "-¥0.50"), (842000, "¥8,420")])
def test_money_is_said_in_yuan(fen: int, said: str) -> None:
    assert words.yuan(fen) == said


def test_what_ends_at_midnight_is_said_by_its_last_day() -> None:
    assert words.last_day(dt.datetime(2027, 11, 30, 16, tzinfo=dt.UTC)) == "2027-11-30"
    assert words.last_day(None) == "–"
