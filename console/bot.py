"""The bot in the console: its replies, a place to try them, and when people answer."""

from typing import Any

import flask

from app.kernel import clock, policy
from app.outreach import auto_replies
from app.outreach.auto_replies import rulebook
from app.web.guards import Staff, staff
from console.pages import Answer, pages, show

makers = staff("marketer", "admin")
_RULE = "/bot/rules/<sealed(reply_rule):rule_id>"
_PARTS = ("body", "guest", "away", "media_id", "title", "description", "picture", "link")
LONGEST = 2_000


@pages.shows("/bot")
def bot(caller: Staff) -> Answer:
    """The replies of a group, and a place to try a sentence."""
    group = flask.request.args.get("group", "keyword")
    wanted = flask.request.args.get("q", "").strip()[:64]
    found = rulebook.list_rules(group=group, wanted=wanted)
    more = {"group": group if group in rulebook.GROUPS else "keyword", "wanted": wanted, "rules": found}
    return show("bot.html", caller, heading="自动回复", **_frame(caller), **more)


def _frame(caller: Staff) -> dict[str, Any]:
    """What every page of the bot needs."""
    return {
        "book": rulebook,
        "accounts": auto_replies.menus.list_accounts(),
        "queue": auto_replies.desk.count_open(),
        "hours": policy.current(auto_replies.AutoReplyPolicy),
        "may_make": caller.role in makers.roles,
        "done": flask.request.args.get("done", ""),
    }


@pages.shows("/bot/try")
def try_bot(caller: Staff) -> Answer:
    """Which reply answers a sentence, and what it says: a fragment."""
    words = flask.request.args.get("words", "").strip()[:200]
    account = flask.request.args.get("account", "")
    tried = rulebook.try_out(words, account=account, now=clock.now()) if words else None
    return show("bot_tried.html", caller, heading="试一试", words=words, tried=tried, book=rulebook)


@pages.shows("/bot/rules/new", guard=makers)
def new_reply(caller: Staff) -> Answer:
    """An empty form."""
    occasion = flask.request.args.get("occasion", "keyword")
    occasion = occasion if occasion in rulebook.OCCASIONS else "keyword"
    empty = rulebook.Draft("", occasion, rulebook.ways_of(occasion)[0], (), {"kind": "text", "body": ""})
    return _form(caller, empty)


@pages.shows(_RULE)
def reply(caller: Staff, rule_id: int) -> Answer:
    """One reply, to be read or changed."""
    return _form(caller, rulebook.get_rule(rule_id), rule_id=rule_id)


def _form(
    caller: Staff, rule: Any, *, rule_id: int | None = None, problems: Any = (), said: dict[str, str] | None = None
) -> str:
    if said is None:
        said = rulebook.preview(rule.content) if rule.content.get("body") else {}
    more = {"rule": rule, "rule_id": rule_id, "problems": problems, "said": said}
    return show("bot_rule.html", caller, heading=rule.name or "新回复", **_frame(caller), **more)


@pages.acts("/bot/rules", guard=makers)
def add_reply(caller: Staff) -> Answer:
    """Keep a new reply."""
    return _save(caller, None)


@pages.acts(_RULE, guard=makers)
def change_reply(caller: Staff, rule_id: int) -> Answer:
    """Keep a changed reply."""
    return _save(caller, rule_id)


def _save(caller: Staff, rule_id: int | None) -> Answer:
    draft = _draft()
    try:
        saved = rulebook.save(draft, now=clock.now(), staff_id=caller.staff_id, rule_id=rule_id)
    except auto_replies.RuleInvalid as invalid:
        page = _form(caller, draft, rule_id=rule_id, problems=invalid.data["problems"], said={})
        return flask.make_response(page, 422)
    return flask.redirect(flask.url_for("console_pages.reply", rule_id=saved, done="saved"), 303)


def _draft() -> rulebook.Draft:
    form = flask.request.form
    kind = form.get("kind", "text")
    texts = rulebook.KINDS[kind][1] if kind in rulebook.KINDS else ()
    others = {"image": ("media_id",), "news": ("title", "description", "picture", "link")}.get(kind, ())
    content = {part: form.get(part, "").replace("\r\n", "\n").strip()[:LONGEST] for part in (*texts, *others)}
    matching = form.get("matching", "")
    lines = (line.strip() for line in form.get("words", "").splitlines())
    words = tuple(dict.fromkeys(filter(None, lines))) if matching != "any" else ()
    priority = form.get("priority", "").strip()
    return rulebook.Draft(
        name=form.get("name", "").strip(),
        occasion=form.get("occasion", ""),
        matching=matching,
        words=words,
        content={"kind": kind} | {part: said for part, said in content.items() if said},
        priority=int(priority) if priority.isascii() and priority.isdigit() and len(priority) < 6 else -1,
        enabled=form.get("enabled") == "1",
        account=form.get("account", ""),
    )


@pages.acts("/bot/preview", guard=makers)
def preview_reply(caller: Staff) -> Answer:
    """What the form would say, and what stands against it: a fragment. Nothing is kept."""
    draft = _draft()
    problems = rulebook.check(draft)
    try:
        said = rulebook.preview(draft.content)
    except (ValueError, KeyError):  # its problems say why
        said = {}
    return show("bot_said.html", caller, heading="预览", said=said, problems=problems, book=rulebook)


@pages.acts(f"{_RULE}/<any(open,shut):state>", guard=makers)
def switch_reply(caller: Staff, rule_id: int, state: str) -> Answer:
    """Let a reply answer, or not."""
    rulebook.switch(rule_id, enabled=state == "open", now=clock.now(), staff_id=caller.staff_id)
    return flask.redirect(flask.url_for("console_pages.reply", rule_id=rule_id, done=state), 303)


@pages.acts(f"{_RULE}/reset", guard=makers)
def reset_reply(caller: Staff, rule_id: int) -> Answer:
    """Put back what ships."""
    rulebook.reset(rule_id, now=clock.now(), staff_id=caller.staff_id)
    return flask.redirect(flask.url_for("console_pages.reply", rule_id=rule_id, done="reset"), 303)


@pages.acts(f"{_RULE}/remove", guard=makers)
def remove_reply(caller: Staff, rule_id: int) -> Answer:
    """Take a reply of the brand's away."""
    rulebook.remove(rule_id)
    return flask.redirect(flask.url_for("console_pages.bot", done="removed"), 303)


@pages.acts("/bot/hours", guard=makers)
def set_bot_hours(caller: Staff) -> Answer:
    """When people answer."""
    form = flask.request.form
    days = "".join(day for day in form.getlist("weekdays") if day in "1234567")
    rulebook.set_hours(opens=form.get("opens", ""), closes=form.get("closes", ""), weekdays=days)
    return flask.redirect(flask.url_for("console_pages.bot", done="hours"), 303)
