"""Mini-programs: credentials, released pages, subscribe templates and what an administrator set in the console."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.world import ids

_KEYWORD = re.compile(r"([^:：\n]*)[:：]?\{\{([A-Za-z_]+\d+)\.DATA\}\}")
ONE_TIME, LONG_TERM = 2, 3


class BadWorldInput(ValueError):
    """A request to the world API that makes no sense; the text says why."""


@dataclass(slots=True)
class Template:
    """A subscribe-message template of one app. `kind` 2 is one-time, 3 long-term."""

    template_id: str
    title: str
    content: str
    kind: int = ONE_TIME
    enums: dict[str, list[str]] = field(default_factory=dict)
    banned: bool = False

    @property
    def keywords(self) -> list[tuple[str, str]]:
        """(label, key) in the order of the card, such as ("预约时间", "time2")."""
        return [(label.strip(), key) for label, key in _KEYWORD.findall(self.content)]

    @property
    def keys(self) -> list[str]:
        return [key for _, key in self.keywords]


@dataclass(slots=True)
class App:
    """One mini-program account."""

    appid: str
    secret: str
    name: str = "小程序"
    original_id: str = field(default_factory=ids.original_id)
    pages: list[str] = field(default_factory=list)
    templates: dict[str, Template] = field(default_factory=dict)
    bound: bool = True
    personal: bool = False
    secret_frozen: bool = False
    subscribe_banned: bool = False
    has_payment: bool = True
    phone_quota: int | None = None
    ip_whitelist: list[str] = field(default_factory=list)
    callback_url: str = ""
    limits: dict[str, dict[str, int]] = field(default_factory=dict)

    def has_page(self, page: str) -> bool:
        return page in self.pages


def template_from(body: Mapping[str, Any]) -> Template:
    """A template from `content` with {{thing1.DATA}} places, or from `fields` (a list of keys, or key -> label)."""
    content = body.get("content")
    if not content:
        fields = body.get("fields") or []
        pairs = fields.items() if isinstance(fields, dict) else [(key, key) for key in fields]
        content = "".join(f"{label}:{{{{{key}.DATA}}}}\n" for key, label in pairs)
    template = Template(
        template_id=str(body.get("template_id") or body.get("priTmplId") or ids.template_id()),
        title=str(body.get("title") or "订阅通知"),
        content=str(content),
        kind=int(body.get("kind") or body.get("type") or ONE_TIME),
        enums={key: [str(value) for value in values] for key, values in (body.get("enums") or {}).items()},
        banned=bool(body.get("banned", False)),
    )
    for row in body.get("keywordEnumValueList") or []:
        template.enums[str(row["keywordCode"]).removesuffix(".DATA")] = [str(value) for value in row["enumValueList"]]
    if not template.keys:
        raise BadWorldInput("a template needs content with {{thing1.DATA}} places, or fields")
    if template.kind not in (ONE_TIME, LONG_TERM):
        raise BadWorldInput("kind is 2 (one-time) or 3 (long-term)")
    return template


_PLAIN_FIELDS: dict[str, type] = {
    "secret": str,
    "name": str,
    "original_id": str,
    "bound": bool,
    "personal": bool,
    "secret_frozen": bool,
    "subscribe_banned": bool,
    "has_payment": bool,
    "callback_url": str,
    "ip_whitelist": list,
    "limits": dict,
}


def change_app(app: App, *, body: Mapping[str, Any]) -> None:
    """Sets what the body names; unknown names are refused so that a typing error is noticed."""
    unknown = set(body) - set(_PLAIN_FIELDS) - {"appid", "pages", "templates", "phone_quota"}
    if unknown:
        raise BadWorldInput(f"unknown fields: {', '.join(sorted(unknown))}")
    for name, kind in _PLAIN_FIELDS.items():
        if name in body:
            if not isinstance(body[name], kind):
                raise BadWorldInput(f"{name} must be {kind.__name__}")
            setattr(app, name, body[name])
    if "pages" in body:
        app.pages = [str(page).lstrip("/") for page in body["pages"]]
    if "phone_quota" in body:
        app.phone_quota = None if body["phone_quota"] is None else int(body["phone_quota"])
    if "templates" in body:
        templates = [template_from(row) for row in body["templates"]]
        app.templates = {template.template_id: template for template in templates}


def app_to_json(app: App) -> dict[str, Any]:
    shown = asdict(app)
    shown["templates"] = [
        {**asdict(template), "fields": {key: label for label, key in template.keywords}}
        for template in app.templates.values()
    ]
    return shown


def app_from_json(body: Mapping[str, Any]) -> App:
    app = App(appid=str(body["appid"]), secret=str(body["secret"]))
    change_app(app, body={**body, "templates": [_without_fields(row) for row in body.get("templates", [])]})
    return app


def _without_fields(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "fields"}
