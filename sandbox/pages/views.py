"""The page at /: what a phone shows, and the world's controls. Forms without script; script only copies codes."""

from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request

from sandbox.pages import account_forms, chats, forms
from sandbox.pages.account_forms import TELECOM
from sandbox.world import App, Person, World
from sandbox.world.clock import BEIJING
from sandbox.world.codes import CodeKind, CodeState
from sandbox.world.faults import LABELS
from sandbox.world.quotas import LIMITS

CODE_STATES = {
    CodeState.FRESH: "5 分钟内有效，只能用一次",
    CodeState.USED: "已被服务器使用",
    CodeState.EXPIRED: "已过期",
}


def blueprint(world: World) -> Blueprint:
    views = Blueprint(
        "pages", __name__, template_folder="templates", static_folder="static", static_url_path="/_page/static"
    )
    forms.add_routes(views, world=world)
    account_forms.add_routes(views, world=world)

    @views.get("/")
    def start() -> str:
        with world.changing():
            return render_template("world.html", **_shown(world))

    return views


def _shown(world: World) -> dict[str, Any]:
    now = world.now()
    people = sorted(world.people.all(), key=lambda person: int(person.person_id[1:]), reverse=True)
    wanted = request.args.get("app", "")
    app = world.apps.get(wanted) or world.demo_app
    person = world.people.get(request.args.get("person", "")) or (people[0] if people else None)
    return {
        "people": people[:200],
        "people_count": len(people),
        "person": person,
        "tab": "telecom" if wanted == TELECOM else "account" if app.is_account else "miniprogram",
        "phone": _phone(world, person=person, app=app, now=now) if person else None,
        "account": chats.account_shown(world, person=person, app=app) if person and app.is_account else None,
        "telecom": chats.telecom_shown(world, person=person) if person and wanted == TELECOM else None,
        "apps": list(world.apps.values()),
        "app": app,
        "clock": {
            "text": clock_text(now),
            "ahead": ahead_text(world.clock.offset),
            "moved": abs(world.clock.offset) >= 1,
        },
        "faults": [(fault, LABELS[fault.kind]) for fault in world.faults.all()],
        "fault_kinds": LABELS,
        "paths": ["*", "/sns/jscode2session", *LIMITS],
        "calls": [(call, ago_text(now - call.at)) for call in reversed(world.calls.last(12))],
        "problem": request.args.get("problem", ""),
    }


def _phone(world: World, *, person: Person, app: App, now: float) -> dict[str, Any]:
    screen = world.screens.get((person.person_id, app.appid), {})
    templates = [
        {
            "template": template,
            "left": person.grants_left(app.appid, template_id=template.template_id),
            "always": template.template_id in person.always.get(app.appid, ()),
        }
        for template in app.templates.values()
    ]
    return {
        "openid": person.openid_in(app.appid),
        "login": _code(world, code=screen.get("login"), kind=CodeKind.LOGIN, app=app),
        "phone": _code(world, code=screen.get("phone"), kind=CodeKind.PHONE, app=app),
        "notice": screen.get("notice"),
        "templates": templates,
        "messages": [
            {**message, "ago": ago_text(now - message["at"]), "exact": clock_text(message["at"])}
            for message in reversed(person.messages)
            if message["appid"] == app.appid
        ],
    }


def _code(world: World, *, code: str | None, kind: CodeKind, app: App) -> dict[str, Any] | None:
    if code is None:
        return None
    state, _ = world.codes.look(code, kind=kind, appid=app.appid, now=world.now())
    return {"text": code, "state": CODE_STATES.get(state, "无效"), "fresh": state is CodeState.FRESH}


def clock_text(moment: float) -> str:
    return datetime.fromtimestamp(moment, BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def ahead_text(offset: float) -> str:
    """How far the sandbox's clock is from the real one."""
    if abs(offset) < 1:
        return "与真实时间一致"
    return f"比真实时间{'快' if offset > 0 else '慢'} {span_text(abs(offset))}"


def span_text(seconds: float) -> str:
    for size, unit in ((86400, "天"), (3600, "小时"), (60, "分钟")):
        if seconds >= size:
            return f"{seconds / size:.1f}".removesuffix(".0") + f" {unit}"
    return f"{int(seconds)} 秒"


def ago_text(seconds: float) -> str:
    if seconds < -60:
        return "将来"
    return "刚刚" if seconds < 60 else f"{span_text(float(int(seconds)))}前"
