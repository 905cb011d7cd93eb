"""What a browser meets of the platform: pictures of scene codes, and the consent page of web logins."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.platform.codes import draw
from sandbox.platform.scene_codes import address_of
from sandbox.world import App, Person, World
from sandbox.world.web_logins import BASE, USERINFO

WIDTH = 430
SHOWN = 100


def blueprint(world: World) -> Blueprint:
    pages = Blueprint("web", __name__, template_folder="../pages/templates")

    @pages.get("/cgi-bin/showqrcode")
    def showqrcode() -> Response:
        with world.changing():
            code = world.qr_codes.get(request.args.get("ticket", ""))
            if code is None or not code.lives(world.now()):
                return Response("", status=404)
        picture = draw(address_of(code.ticket), width=WIDTH, colour=(0, 0, 0), transparent=False)
        return Response(picture, content_type="image/png")

    @pages.get("/connect/oauth2/authorize")
    def authorize() -> AnyResponse:
        with world.changing():
            app = world.apps.get(request.args.get("appid", ""))
            problem = _problem(app)
            if app is None or problem:
                return Response(render_template("authorize.html", problem=problem), status=200)
            person = _named(world, app=app, wanted=request.args.get("as", ""))
            if person is None:
                return Response(render_template("authorize.html", **_choice(world, app=app)))
            return redirect(_back(world, app=app, person=person))

    return pages


def _problem(app: App | None) -> str:
    """What the platform's own page would say; empty when all is well."""
    if app is None or not app.is_account:
        return "AppID 参数错误 (10013)"
    address = urlsplit(request.args.get("redirect_uri", ""))
    if address.scheme not in ("http", "https") or not address.netloc:
        return "redirect_uri 参数错误 (10003)"
    if request.args.get("response_type") != "code":
        return "response_type 参数错误 (10004)"
    if request.args.get("scope") not in (BASE, USERINFO):
        return "Scope 参数错误或没有 Scope 权限 (10005)"
    return ""


def _named(world: World, *, app: App, wanted: str) -> Person | None:
    return world.people.get(wanted) or world.people.by_openid(app.appid, openid=wanted)


def _choice(world: World, *, app: App) -> dict[str, object]:
    found = request.args.get("q", "").strip()
    people = [person for person in world.people.all() if found in person.name or found in person.phone]
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in ("as", "q")]
    rows = [(person, f"?{urlencode([*kept, ('as', person.person_id)])}") for person in reversed(people[-SHOWN:])]
    asks_more = request.args.get("scope") == USERINFO
    return {"app": app, "rows": rows, "kept": kept, "q": found, "asks_more": asks_more, "problem": ""}


def _back(world: World, *, app: App, person: Person) -> str:
    """The product's address with code and state behind what it had."""
    snapshot = world.switches.web_visitors_are_snapshots or request.args.get("snapshot") == "1"
    login = world.web_logins.consent(
        appid=app.appid,
        person=person,
        openid=person.openid_in(app.appid),
        scope=request.args["scope"],
        snapshot=snapshot,
        now=world.now(),
    )
    world.touch(person)
    address = urlsplit(request.args["redirect_uri"])
    more = [("code", login.code), ("state", request.args.get("state", ""))]
    query = urlencode([*parse_qsl(address.query, keep_blank_values=True), *more])
    return urlunsplit((address.scheme, address.netloc, address.path, query, address.fragment))
