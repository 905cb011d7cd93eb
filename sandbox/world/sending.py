"""A message reaches a person: on the phone, in the chat, and in the counters."""

from typing import Any

from sandbox.world.apps import App
from sandbox.world.people import Person
from sandbox.world.world import World

UNAVAILABLE = "该公众号提供的服务出现故障，请稍后再试"


def receive(world: World, *, person: Person, app: App, kind: str, message: dict[str, Any]) -> None:
    """Counts the message and shows it. `message` may say title, rows [{label, key, value}], text, page, url,
    template_id, msgid and whatever else its kind has; kind is one of `sandbox.world.received`."""
    openid = person.openid_in(app.appid)
    template_id = str(message.get("template_id", ""))
    tally = world.received.count(appid=app.appid, to=openid, kind=kind, template_id=template_id)
    shown = {
        "by": "account",
        "kind": kind,
        "appid": app.appid,
        "from": app.name,
        "title": str(message.get("text") or ""),
        "rows": [],
        "page": "",
        "at": world.now(),
        **message,
    }
    world.received.keep(person, message=shown)
    if app.is_account:
        person.add_to_chat(app.appid, line=shown)
    world.touch(tally)
    world.touch(person)


def show_unavailable(world: World, *, person: Person, app: App) -> None:
    """The grey notice that stands where an answer should have been."""
    person.chat(app.appid, by="platform", kind="notice", text=UNAVAILABLE, at=world.now())
    world.touch(person)
