"""Mini-programs and official accounts: credentials, pages, templates, and what an administrator set in the console."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

from sandbox.world import ids

_KEYWORD = re.compile(r"([^:：\n{}]*)[:：]?\s*\{\s*\{([A-Za-z_]+\d*)\.DATA\}\s*\}")
_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")
_PUSH_TOKEN = re.compile(r"[A-Za-z0-9]{3,32}")
ONE_TIME, LONG_TERM = 2, 3
MINIPROGRAM, OFFICIAL_ACCOUNT = "miniprogram", "official_account"
KINDS = (MINIPROGRAM, OFFICIAL_ACCOUNT)
TEMPLATE, SUBSCRIPTION = "template", "subscription"
PUSH_MODES = ("plain", "compat", "secure")
PUSH_FORMATS = ("xml", "json")


class BadWorldInput(ValueError):
    """A request to the world API that makes no sense; the text says why."""


@dataclass(slots=True)
class Template:
    """A message template of one app. `kind` 2 is one-time, 3 long-term. `channel` says by which list it is sent:
    `subscription` (subscribe/send, subscribe/bizsend) or `template` (template/send of an official account).
    `banned` is a subscription that answers 43107, a template that answers 43116."""

    template_id: str
    title: str
    content: str
    kind: int = ONE_TIME
    enums: dict[str, list[str]] = field(default_factory=dict)
    banned: bool = False
    channel: str = SUBSCRIPTION
    example: str = ""
    primary_industry: str = ""
    deputy_industry: str = ""

    @property
    def keywords(self) -> list[tuple[str, str]]:
        """(label, key) in the order of the card, such as ("预约时间", "time2")."""
        return list(_keywords(self.content))

    @property
    def keys(self) -> list[str]:
        return [key for _, key in self.keywords]


@lru_cache(maxsize=4096)
def _keywords(content: str) -> tuple[tuple[str, str], ...]:
    return tuple((label.strip(), key) for label, key in _KEYWORD.findall(content))


@dataclass(slots=True)
class App:
    """One mini-program or official account. Pushes go to `callback_url`; nothing is pushed while it is empty."""

    appid: str
    secret: str
    kind: str = MINIPROGRAM
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
    push_token: str = ""
    push_aes_key: str = ""
    push_mode: str = "secure"
    push_format: str = "json"
    limits: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def is_account(self) -> bool:
        """Whether it is an official account, with followers, a chat and a menu."""
        return self.kind == OFFICIAL_ACCOUNT

    def has_page(self, page: str) -> bool:
        return page in self.pages


def new_app(appid: str, *, kind: str = MINIPROGRAM, secret: str = "") -> App:
    """An app with the settings that its kind starts with; the kind never changes."""
    if kind not in KINDS:
        raise BadWorldInput(f"kind is one of {', '.join(KINDS)}")
    app = App(appid=appid, secret=secret or ids.secret(), kind=kind)
    app.push_token, app.push_aes_key = ids.push_token(), ids.aes_key()
    if app.is_account:
        app.name, app.push_format = "公众号", "xml"
    return app


def template_from(body: Mapping[str, Any], *, channel: str = SUBSCRIPTION) -> Template:
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
        channel=str(body.get("channel") or channel),
        example=str(body.get("example") or ""),
        primary_industry=str(body.get("primary_industry") or ""),
        deputy_industry=str(body.get("deputy_industry") or ""),
    )
    for row in body.get("keywordEnumValueList") or []:
        template.enums[str(row["keywordCode"]).removesuffix(".DATA")] = [str(value) for value in row["enumValueList"]]
    if not template.keys:
        raise BadWorldInput("a template needs content with {{thing1.DATA}} places, or fields")
    if template.kind not in (ONE_TIME, LONG_TERM):
        raise BadWorldInput("kind is 2 (one-time) or 3 (long-term)")
    if template.channel not in (TEMPLATE, SUBSCRIPTION):
        raise BadWorldInput(f"channel is {TEMPLATE} or {SUBSCRIPTION}")
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
    "push_token": str,
    "push_aes_key": str,
    "push_mode": str,
    "push_format": str,
    "ip_whitelist": list,
    "limits": dict,
}


_PUSH_FIELDS = ("push_token", "push_aes_key", "push_mode", "push_format")


def change_app(app: App, *, body: Mapping[str, Any]) -> None:
    """Sets what the body names; unknown names are refused so that a typing error is noticed."""
    unknown = set(body) - set(_PLAIN_FIELDS) - {"appid", "kind", "pages", "templates", "phone_quota"}
    if unknown:
        raise BadWorldInput(f"unknown fields: {', '.join(sorted(unknown))}")
    _check_push_settings({name: body.get(name, getattr(app, name)) for name in _PUSH_FIELDS})
    if "kind" in body and body["kind"] != app.kind:
        raise BadWorldInput("the kind of an app never changes")
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
        templates = [template_from(row, channel=usual_channel(app)) for row in body["templates"]]
        app.templates = {template.template_id: template for template in templates}


def usual_channel(app: App) -> str:
    """An official account's templates are template messages unless they say that they are subscriptions."""
    return TEMPLATE if app.is_account else SUBSCRIPTION


def _check_push_settings(given: Mapping[str, Any]) -> None:
    if given["push_mode"] not in PUSH_MODES:
        raise BadWorldInput(f"push_mode is one of {', '.join(PUSH_MODES)}")
    if given["push_format"] not in PUSH_FORMATS:
        raise BadWorldInput(f"push_format is one of {', '.join(PUSH_FORMATS)}")
    if given["push_token"] and not _PUSH_TOKEN.fullmatch(str(given["push_token"])):
        raise BadWorldInput("push_token is 3 to 32 letters and digits")
    if given["push_aes_key"] and not _AES_KEY.fullmatch(str(given["push_aes_key"])):
        raise BadWorldInput("push_aes_key is 43 letters and digits")


def app_to_json(app: App) -> dict[str, Any]:
    shown = asdict(app)
    shown["templates"] = [
        {**asdict(template), "fields": {key: label for label, key in template.keywords}}
        for template in app.templates.values()
    ]
    return shown


def app_from_json(body: Mapping[str, Any]) -> App:
    app = new_app(str(body["appid"]), kind=str(body.get("kind") or MINIPROGRAM), secret=str(body["secret"]))
    change_app(app, body={**body, "templates": [_without_fields(row) for row in body.get("templates", [])]})
    return app


def _without_fields(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "fields"}
