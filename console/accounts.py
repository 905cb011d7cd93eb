"""The brand's official accounts and mini-programs: templates, quotas, what was last read, and what stands before going live."""

import flask
from werkzeug.exceptions import NotFound as NoSuchPage

from app.kernel import clock
from app.kernel.database import unit_of_work
from app.kernel.settings import settings
from app.outreach import materials
from app.outreach.materials import accounts
from app.outreach.messaging import limits
from app.web.guards import Staff, staff
from console.coupons import FormWrong
from console.pages import Answer, pages, show

TELECOM = "telecom"
MOST = {"a_day": 100_000_000, "a_minute": 1_000_000, "kept_for_notices": 100}
operators = staff("marketer", "lead", "admin")
CHANNELS = {
    "oa_template": "模板消息",
    "oa_subscription": "订阅通知",
    "oa_service": "客服消息",
    "mp_subscription": "订阅消息",
    "sms": "短信",
    "voice": "电话",
}
KINDS = {
    "thing": "文字≤20",
    "character_string": "字母数字≤32",
    "time": "时间",
    "date": "日期",
    "amount": "金额",
    "number": "数字",
    "phone_number": "电话",
    "car_number": "车牌",
    "name": "姓名",
    "phrase": "词≤5",
    "letter": "字母",
    "symbol": "符号",
    "enum": "选项",
    "const": "选项",
    "free": "文字",
}


@pages.shows("/accounts", guard=operators)
def list_accounts(caller: Staff) -> Answer:
    """Every account with its templates."""
    return show("accounts.html", caller, heading="账号", accounts=accounts.list_accounts(), **_words())


@pages.calls("/accounts/<appid>/sync", guard=operators)
def sync(caller: Staff, appid: str) -> Answer:
    """Read templates and quotas from the platform now."""
    _known(appid)
    found = materials.errands.sync_account(appid, now=clock.now())
    return _card(caller, appid, synced=found)


@pages.calls("/accounts/sync", guard=operators)
def sync_all(caller: Staff) -> Answer:
    """Read templates and quotas of every account now."""
    now = clock.now()
    for account in accounts.account_names():
        materials.errands.sync_account(account, now=now)
    return flask.redirect(flask.url_for("console_pages.list_accounts"), 303)


@pages.calls("/accounts/<appid>/examine", guard=operators)
def examine(caller: Staff, appid: str) -> Answer:
    """Look at what must be right before going live."""
    _known(appid)
    return _card(caller, appid, checks=materials.errands.examine(appid, now=clock.now()))


@pages.acts("/accounts/<appid>/name", guard=operators)
def rename(caller: Staff, appid: str) -> Answer:
    """Call an account otherwise."""
    _known(appid)
    materials.templates.rename(appid, name=flask.request.form.get("name", ""))
    return _card(caller, appid)


@pages.calls("/accounts/<appid>/limits/<channel>", guard=operators)
def limit(caller: Staff, appid: str, channel: str) -> Answer:
    """Set how much an account sends by a channel."""
    account = "" if appid == TELECOM else _known(appid).account
    if channel not in {one.channel for one in _usages(account)}:
        raise NoSuchPage
    given = {name: flask.request.form.get(name, "") for name in MOST}
    wrong = {name: ["填一个整数"] for name, text in given.items() if not (text.isdecimal() and int(text) <= MOST[name])}
    if wrong:
        raise FormWrong(wrong)
    wanted = limits.Limit(**{name: int(text) for name, text in given.items()})
    with unit_of_work():  # of its own: what is kept in the process is read anew only after the commit
        limits.set_limit(account, channel=channel, limit=wanted, now=clock.now())
    return _card(caller, appid)


def _usages(account: str) -> list[limits.Usage]:
    kind = settings().wechat_accounts[account].kind if account else None
    through = materials.errands.PATHS[kind] if kind else ("sms", "voice")
    return [one for one in limits.usage(account, now=clock.now()) if one.channel in through]


def _telecom() -> dict[str, object]:
    here = settings()
    return {
        "account": "",
        "quotas": {},
        "usages": _usages(""),
        "sms": bool(here.sms.key_id),
        "voice": bool(here.voice.key_id),
        "sign": here.sms.shown_as,
        "receipts": bool(here.telecom_push_key),
    }


def _known(appid: str) -> accounts.AccountView:
    found = accounts.find_account(appid)
    if found is None:
        raise NoSuchPage
    return found


def _card(caller: Staff, appid: str, **more: object) -> Answer:
    if not flask.request.headers.get("HX-Request"):
        if "checks" in more or "synced" in more:  # without scripts: the whole page, with what was found
            whole = {"accounts": accounts.list_accounts(), "found_of": appid}
            return show("accounts.html", caller, heading="账号", **whole, **more, **_words())
        return flask.redirect(flask.url_for("console_pages.list_accounts"), 303)
    if appid == TELECOM:
        return show("accounts_telecom.html", caller, heading="", **_words())
    return show("accounts_card.html", caller, heading="", account=_known(appid), **more, **_words())


def _words() -> dict[str, object]:
    of_account = {"usages_of": lambda account: _usages(account.account), "telecom": _telecom()}
    return {"channels": CHANNELS, "kinds": KINDS, "kind_names": accounts.KINDS} | of_account
