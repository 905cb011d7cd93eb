"""What pages share: a guarded blueprint, Jinja with Chinese numbers and times, assets from npm, errors that help.

    pages = Pages("console", prefix="/console", guard=staff("lead", "admin"), sign_in="/console/sign-in")

    @pages.shows("/members")
    def members(caller): return pages.render("console/members.html", page=...)

    @pages.acts("/recount")            # one unit of work; refused unless the request comes from our own page
    def recount(caller): ...

`shows` gives the view no transaction, `acts` one; `calls` gives none either, for what asks an outside company. Errors on a
page are a page, or, for htmx, a fragment to swap in.
"""

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import flask
from werkzeug.exceptions import BadRequest
from werkzeug.exceptions import NotFound as NoSuchPage

from app.kernel import ids
from app.kernel.database import unit_of_work
from app.kernel.errors import Forbidden
from app.web import words
from app.web.callers import Guard, anybody, behind

ROOT = Path(__file__).resolve().parents[2]
STATIC = Path(__file__).parent / "static"
# Everything we serve that npm brought, at pinned versions: name in the address → file. Nothing else leaves node_modules.
ASSETS = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "tabler.css": "@tabler/core/dist/css/tabler.min.css",
    "weui.css": "weui/dist/style/weui.min.css",
    "echarts.js": "echarts/dist/echarts.min.js",
    "swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
    "swagger-ui.js": "swagger-ui-dist/swagger-ui-bundle.js",
}
A_YEAR = 365 * 24 * 3600
CONTENT_POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'self'"


class ForeignPage(Forbidden):
    code = "page.foreign_origin"
    title = "这个操作要从本站的页面发起"
    advice = "回到页面，刷新后再试"


class Pages:
    """A group of HTML pages with one prefix and one guard."""

    def __init__(self, name: str, *, prefix: str, guard: Guard, sign_in: str | None = None) -> None:
        self.guard, self.sign_in = guard, sign_in
        self.blueprint = flask.Blueprint(f"{name}_pages", name, url_prefix=prefix, template_folder="templates")

    def shows(self, path: str, *, guard: Guard | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """GET: a page or a fragment, without a transaction."""

        def register(view: Callable[..., Any]) -> Callable[..., Any]:
            self._add("GET", path, view, guard or self.guard, lambda **given: view(flask.g.caller, **given))
            return view

        return register

    def acts(self, path: str, *, guard: Guard | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """POST from one of our own pages, in one transaction."""

        def register(view: Callable[..., Any]) -> Callable[..., Any]:
            def act(**given: Any) -> Any:
                refuse_foreign_pages()
                with unit_of_work():
                    return view(flask.g.caller, **given)

            self._add("POST", path, view, guard or self.guard, act)
            return view

        return register

    def calls(self, path: str, *, guard: Guard | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """POST from one of our own pages in no transaction: what asks an outside company runs errands."""

        def register(view: Callable[..., Any]) -> Callable[..., Any]:
            def call(**given: Any) -> Any:
                refuse_foreign_pages()
                return view(flask.g.caller, **given)

            self._add("POST", path, view, guard or self.guard, call)
            return view

        return register

    def render(self, template: str, **values: Any) -> str:
        """A template with the caller at hand."""
        return flask.render_template(template, caller=flask.g.get("caller"), **values)

    def _add(self, method: str, path: str, view: Callable[..., Any], guard: Guard, act: Callable[..., Any]) -> None:
        @functools.wraps(view)
        def endpoint(**given: Any) -> Any:
            refuse_unkeepable_words()
            return act(**given)

        marked = behind(guard, endpoint)
        marked.page = self  # type: ignore[attr-defined]  # errors inside are shown as a page
        self.blueprint.add_url_rule(path, view.__name__, marked, methods=[method])


def refuse_foreign_pages() -> None:
    """A cookie travels with requests that other sites start; the browser says where they come from."""
    origin = flask.request.headers.get("Origin")
    site = flask.request.headers.get("Sec-Fetch-Site")
    if site not in (None, "same-origin", "none") or (origin and urlsplit(origin).netloc != flask.request.host):
        raise ForeignPage


def refuse_unkeepable_words() -> None:
    """PostgreSQL answers NUL with an error, whatever the field: such a request is malformed."""
    words = (value for sent in (flask.request.args, flask.request.form) for value in sent.values())
    if any("\0" in word for word in words):
        raise BadRequest


@functools.cache
def _fingerprint(name: str) -> str:
    path = ROOT / "node_modules" / ASSETS[name] if name in ASSETS else STATIC / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "missing"


def asset_url(name: str) -> str:
    """The address of an asset; it changes when the file does, so that browsers may keep it for a year."""
    return f"/assets/{name}?v={_fingerprint(name)}"


def asset(name: str) -> flask.Response:
    """One of our own static files, or one of the listed files that npm brought."""
    if name in ASSETS:
        return flask.send_from_directory(ROOT / "node_modules", ASSETS[name], max_age=A_YEAR)
    if not (STATIC / name).is_file() or "/" in name:
        raise NoSuchPage
    return flask.send_from_directory(STATIC, name, max_age=A_YEAR)


def reference() -> flask.Response:
    """The OpenAPI document to read and try."""
    response = flask.make_response(flask.render_template("web/reference.html"))
    response.headers["Content-Security-Policy"] = CONTENT_POLICY
    return response


def current_page() -> Pages | None:
    """The pages that the present request belongs to, None for JSON."""
    view = flask.current_app.view_functions.get(flask.request.endpoint or "")
    return getattr(view, "page", None)


def register(app: flask.Flask) -> None:
    """Assets, the reference, Jinja's words, and safe headers for pages."""
    shared = flask.Blueprint("web", "app.web", template_folder="templates")
    shared.add_url_rule("/assets/<path:name>", "asset", behind(anybody, asset))
    shared.add_url_rule("/docs", "reference", behind(anybody, reference))
    app.register_blueprint(shared)
    app.jinja_env.globals |= {"asset": asset_url, "sealed": ids.seal}
    app.jinja_env.filters |= {
        "thousands": words.thousands,
        "yuan": words.yuan,
        "percent": words.percent,
        "points": words.points,
        "lasting": words.lasting,
        "when": words.when,
        "exact": words.exact,
        "last_day": words.last_day,
    }
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.after_request
    def _safe(response: flask.Response) -> flask.Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        if response.mimetype == "text/html":
            response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
            response.headers.setdefault("Cache-Control", "no-store")
        return response
