"""The account's own list of template messages, and its industries (fact sheet C6)."""

from typing import Any

from sandbox.demo_library import INDUSTRIES, TEMPLATE_LIBRARY
from sandbox.platform.calls import Call, endpoint, ok, text
from sandbox.platform.errors import PlatformError
from sandbox.world import Template
from sandbox.world.apps import OFFICIAL_ACCOUNT, TEMPLATE, template_from
from sandbox.world.clock import beijing_month

MOST = 25
EXAMPLE = "示例内容"


def _own(call: Call) -> list[Template]:
    return [template for template in call.app.templates.values() if template.channel == TEMPLATE]


@endpoint("/cgi-bin/template/get_all_private_template", method="GET", kind=OFFICIAL_ACCOUNT)
def get_all(call: Call) -> dict[str, Any]:
    return {"template_list": [_shown(call, template=template) for template in _own(call)]}


def _shown(call: Call, *, template: Template) -> dict[str, Any]:
    first, second = INDUSTRIES[call.book.industries[0]]
    example = template.example or "\n".join(f"{label}:{EXAMPLE}" for label, _ in template.keywords)
    return {
        "template_id": template.template_id,
        "title": template.title,
        "primary_industry": template.primary_industry or first,
        "deputy_industry": template.deputy_industry or second,
        "content": template.content,
        "example": example,
    }


@endpoint("/cgi-bin/template/api_add_template", method="POST", kind=OFFICIAL_ACCOUNT)
def add(call: Call) -> dict[str, Any]:
    """From the library by its short id; a numbered one takes only the keywords that are named, in their order."""
    short = text(call.body, name="template_id_short")
    found = TEMPLATE_LIBRARY.get(short)
    if found is None:
        raise PlatformError(40037)
    if len(_own(call)) >= MOST:
        raise PlatformError(45026)
    fields: dict[str, str] = found["fields"]
    if short.isdigit():
        fields = _chosen(fields, names=call.body.get("keyword_name_list"))
    template = template_from({"title": found["title"], "fields": fields}, channel=TEMPLATE)
    call.app.templates[template.template_id] = template
    call.world.touch(call.app)
    return ok(template_id=template.template_id)


def _chosen(fields: dict[str, str], *, names: object) -> dict[str, str]:
    by_label = {label: key for key, label in fields.items()}
    if not isinstance(names, list) or not names or len(set(map(str, names))) < len(names):
        raise PlatformError(200020)
    if any(name not in by_label for name in names):
        raise PlatformError(200020)
    return {by_label[name]: name for name in names}


@endpoint("/cgi-bin/template/del_private_template", method="POST", kind=OFFICIAL_ACCOUNT)
def delete(call: Call) -> dict[str, Any]:
    template_id = text(call.body, name="template_id")
    if template_id not in {template.template_id for template in _own(call)}:
        raise PlatformError(40037)
    del call.app.templates[template_id]
    call.world.touch(call.app)
    return ok()


@endpoint("/cgi-bin/template/api_set_industry", method="POST", kind=OFFICIAL_ACCOUNT)
def set_industry(call: Call) -> dict[str, Any]:
    """Once a month; the numbers may come as text."""
    chosen = [_industry(call.body.get(name)) for name in ("industry_id1", "industry_id2")]
    month = beijing_month(call.now)
    if call.book.industries_changed_in == month:
        raise PlatformError(43100)
    call.book.industries, call.book.industries_changed_in = (chosen[0], chosen[1]), month
    call.world.touch(call.book)
    return ok()


def _industry(given: object) -> int:
    number = int(given) if isinstance(given, str) and given.isdigit() else given
    if not isinstance(number, int) or number not in INDUSTRIES:
        raise PlatformError(40035)
    return number


@endpoint("/cgi-bin/template/get_industry", method="GET", kind=OFFICIAL_ACCOUNT)
def get_industry(call: Call) -> dict[str, Any]:
    rows = [INDUSTRIES[number] for number in call.book.industries]
    shown = [{"first_class": first, "second_class": second} for first, second in rows]
    return {"primary_industry": shown[0], "secondary_industry": shown[1]}
