"""The account's own subscribe templates: /wxaapi/newtmpl/*."""

from typing import Any

from sandbox import demo
from sandbox.platform.calls import Call, endpoint, ok, text
from sandbox.platform.errors import PlatformError
from sandbox.world import Template, ids
from sandbox.world.apps import SUBSCRIPTION

MOST = 50
TITLES_AT_ONCE = 30
LONGEST_SCENE = 15
EXAMPLES = {
    "thing": "示例内容",
    "number": "100",
    "date": "2021年10月21日",
    "time": "2021年10月21日 12:00:00",
    "amount": "￥100",
    "phrase": "已完成",
    "name": "张三",
    "character_string": "NO2021102100001",
    "phone_number": "+86-0766-66888866",
}


@endpoint("/wxaapi/newtmpl/gettemplate", method="GET")
def gettemplate(call: Call) -> dict[str, Any]:
    """Type 2 is one-time, 3 long-term; enum values are listed per keyword where there are any."""
    return ok(data=[_shown(template) for template in _own(call)])


def _own(call: Call) -> list[Template]:
    """Subscriptions only: an account's template messages are another list."""
    return [template for template in call.app.templates.values() if template.channel == SUBSCRIPTION]


def _shown(template: Template) -> dict[str, Any]:
    lines = []
    for label, key in template.keywords:
        values = template.enums.get(key)
        example = values[0] if values else EXAMPLES.get(key.rstrip("0123456789"), "示例")
        lines.append(f"{label}:{example}\n")
    shown: dict[str, Any] = {
        "priTmplId": template.template_id,
        "title": template.title,
        "content": template.content,
        "example": "".join(lines),
    }
    if template.enums:
        shown["keywordEnumValueList"] = [
            {"enumValueList": values, "keywordCode": f"{key}.DATA"} for key, values in template.enums.items()
        ]
    return {**shown, "type": template.kind}


@endpoint("/wxaapi/newtmpl/addtemplate", method="POST")
def addtemplate(call: Call) -> dict[str, Any]:
    """Picks keywords of a library title in the order given."""
    found = demo.LIBRARY.get(str(call.body.get("tid", "")))
    if found is None:
        raise PlatformError(200014)
    wanted = call.body.get("kidList")
    known: dict[int, tuple[str, str]] = found["keywords"]
    fewest = 2 if call.app.is_account else 1
    if not isinstance(wanted, list) or not fewest <= len(wanted) <= 5:
        raise PlatformError(200020)
    if any(not isinstance(kid, int) or kid not in known for kid in wanted) or len(set(wanted)) < len(wanted):
        raise PlatformError(200020)
    if len(text(call.body, name="sceneDesc")) > LONGEST_SCENE:
        raise PlatformError(47001)
    if len(_own(call)) >= MOST:
        raise PlatformError(45026)
    pairs = [(kid, *known[kid]) for kid in wanted]
    content = "".join(f"{label}:{{{{{kind}{kid}.DATA}}}}\n" for kid, label, kind in pairs)
    template = Template(template_id=ids.template_id(), title=str(found["title"]), content=content)
    call.app.templates[template.template_id] = template
    call.world.touch(call.app)
    return {"errmsg": "ok", "errcode": 0, "priTmplId": template.template_id}


@endpoint("/wxaapi/newtmpl/deltemplate", method="POST")
def deltemplate(call: Call) -> dict[str, Any]:
    template_id = text(call.body, name="priTmplId")
    if template_id not in {template.template_id for template in _own(call)}:
        raise PlatformError(40037)
    del call.app.templates[template_id]
    call.world.touch(call.app)
    return ok()


@endpoint("/wxaapi/newtmpl/getcategory", method="GET")
def getcategory(call: Call) -> dict[str, Any]:
    return ok(data=list(demo.CATEGORIES))


@endpoint("/wxaapi/newtmpl/getpubtemplatetitles", method="GET")
def getpubtemplatetitles(call: Call) -> dict[str, Any]:
    """The public library's titles, `limit` of them (30 at most) from `start` on."""
    start, limit = (_number(call, name=name) for name in ("start", "limit"))
    if not 1 <= limit <= TITLES_AT_ONCE:
        raise PlatformError(200016)
    rows = [
        {"tid": int(tid), "title": found["title"], "type": 2, "categoryId": str(demo.CATEGORIES[-1]["id"])}
        for tid, found in demo.LIBRARY.items()
    ]
    return ok(count=len(rows), data=rows[start : start + limit])


@endpoint("/wxaapi/newtmpl/getpubtemplatekeywords", method="GET")
def getpubtemplatekeywords(call: Call) -> dict[str, Any]:
    found = demo.LIBRARY.get(call.query.get("tid", ""))
    if found is None:
        raise PlatformError(200014)
    keywords: dict[int, tuple[str, str]] = found["keywords"]
    rows = [
        {"kid": kid, "name": label, "example": EXAMPLES.get(kind, "示例"), "rule": kind}
        for kid, (label, kind) in keywords.items()
    ]
    return ok(count=len(rows), data=rows)


def _number(call: Call, *, name: str) -> int:
    given = call.query.get(name, "")
    if not given.isdigit():
        raise PlatformError(200016)
    return int(given)
