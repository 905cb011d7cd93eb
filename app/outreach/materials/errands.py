"""Asking the platforms about the brand's accounts, between transactions."""

import datetime as dt
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from app.gateways import wechat
from app.gateways.official_account import menus
from app.gateways.wechat.diagnosis import NO_ADDRESS, Quota
from app.gateways.wechat.refusals import PlatformAway, RequestInvalid
from app.gateways.wechat.templates import Template
from app.kernel.database import unit_of_work
from app.kernel.errands import Errand, run_errand
from app.kernel.errors import Refusal
from app.kernel.settings import AccountKind, settings
from app.outreach.materials.operations import templates
from app.outreach.materials.operations.templates import Synced, Told
from app.outreach.materials.queries import accounts

NO_PERMISSION = {48001, 76022}
SYNC_AGAIN_AFTER = dt.timedelta(hours=1)
# Which path carries a channel's messages, by kind of account: what the quotas are asked of.
PATHS: dict[AccountKind, dict[str, str]] = {
    "official_account": {
        "oa_template": "/cgi-bin/message/template/send",
        "oa_subscription": "/cgi-bin/message/subscribe/bizsend",
        "oa_service": "/cgi-bin/message/custom/send",
    },
    "miniprogram": {"mp_subscription": "/cgi-bin/message/subscribe/send"},
}
Light = Literal["good", "attention", "bad"]


@dataclass(frozen=True)
class Check:
    """One thing that was looked at before going live. `code` says what, `data` the particulars."""

    code: str
    light: Light
    data: dict[str, Any]


def sync_account(account: str, *, now: dt.datetime) -> Synced:
    """Ask the platform for an account's templates and quotas, and keep what it tells; its refusal is kept as trouble."""
    try:
        return run_errand(
            Errand(
                prepare=partial(templates.begin, account, now=now),
                go=_ask,
                settle=lambda _, told: templates.keep(account, told=told[0], quotas=told[1], now=now),
            )
        )
    except Refusal as refusal:
        with unit_of_work():
            return templates.note_trouble(account, words=in_words(refusal))


def sync_due(*, now: dt.datetime, limit: int = 1) -> int:
    """Synchronise an account that was not asked about lately; how many, 0: all were."""
    with unit_of_work():
        account = templates.not_tried_since(now - SYNC_AGAIN_AFTER)
    if account is None:
        return 0
    sync_account(account, now=now)
    return 1


def in_words(refusal: Refusal) -> str:
    """A refusal of the platform for operators: its code and words where it has some, else ours."""
    errcode, words = refusal.data.get("errcode"), refusal.data.get("errmsg") or refusal.title
    return f"{errcode} {words}" if errcode else refusal.title


def _ask(account: str) -> tuple[list[Told], dict[str, dict[str, int]]]:
    kind = settings().wechat_accounts[account].kind
    listed = wechat.templates.message_templates(account) if kind == "official_account" else []
    told = [_told(one, "oa_template") for one in listed]
    channel = "oa_subscription" if kind == "official_account" else "mp_subscription"
    told += [_told(one, channel) for one in _subscriptions(account, kind)]
    return told, {name: vars(found) for name, path in PATHS[kind].items() if (found := _quota(account, path))}


def _subscriptions(account: str, kind: AccountKind) -> list[Template]:
    try:
        return wechat.templates.subscription_templates(account)
    except Refusal as refusal:
        # Many official accounts have no subscription notices; a mini-program without them has nothing.
        if kind == "official_account" and refusal.data.get("errcode") in NO_PERMISSION:
            return []
        raise


def _told(one: Template, channel: str) -> Told:
    return Told(one.template_id, channel, one.title, one.fields, one.choices)


def _quota(account: str, path: str) -> Quota | None:
    try:
        return wechat.diagnosis.quota(account, path)
    except Refusal as refusal:
        if refusal.data.get("errcode") in NO_PERMISSION:
            return None
        raise


def examine(account: str, *, now: dt.datetime) -> list[Check]:
    """Look at everything that must be right before an account goes live and that can be looked at from here."""
    with unit_of_work():
        view = accounts.find_account(account)
    if view is None:
        return []
    access = _access(account)
    checks = [access, _push_settings(view)]
    if access.light != "bad":
        checks += [_address(account), *_quotas(account, view.kind)]
        checks += [_menu(account)] if view.kind == "official_account" else []
    return [*checks, *_templates(view, now)]


def _access(account: str) -> Check:
    try:
        wechat.diagnosis.prove_access(account)
    except PlatformAway as refusal:
        return Check("access", "attention", {"why": in_words(refusal)})
    except Refusal as refusal:
        return Check("access", "bad", {"errcode": refusal.data.get("errcode"), "why": in_words(refusal)})
    return Check("access", "good", {})


def _push_settings(view: accounts.AccountView) -> Check:
    if not view.takes_pushes:
        return Check("push_settings", "bad", {})
    return Check("push_settings", "good" if view.encrypts else "attention", {"encrypts": view.encrypts})


def _address(account: str) -> Check:
    try:
        lost = wechat.diagnosis.loss_to_us(account)
    except RequestInvalid as refusal:
        missing = refusal.data.get("errcode") == NO_ADDRESS
        return Check("address", "bad" if missing else "attention", {"missing": missing, "why": in_words(refusal)})
    except Refusal as refusal:
        return Check("address", "attention", {"missing": False, "why": in_words(refusal)})
    return Check("address", "good" if lost == 0 else "attention" if lost < 1 else "bad", {"lost": lost})


def _quotas(account: str, kind: AccountKind) -> list[Check]:
    checks = []
    for channel, path in PATHS[kind].items():
        try:
            found = _quota(account, path)
        except Refusal as refusal:
            checks.append(Check("quota", "attention", {"channel": channel, "why": in_words(refusal)}))
            continue
        if found is None:
            checks.append(Check("quota", "attention", {"channel": channel, "permitted": False}))
        else:
            left: Light = "bad" if found.limit and not found.remain else "good"
            checks.append(Check("quota", left, {"channel": channel, "permitted": True} | vars(found)))
    return checks


def _menu(account: str) -> Check:
    try:
        buttons = menus.read(account)
    except Refusal as refusal:
        return Check("menu", "attention", {"why": in_words(refusal)})
    return Check("menu", "good" if buttons else "attention", {"buttons": len(buttons)})


def _templates(view: accounts.AccountView, now: dt.datetime) -> list[Check]:
    there = [one for one in view.templates if one.gone_at is None]
    checks = [Check("templates", "good" if there else "bad", {"number": len(there), "synced_at": view.synced_at})]
    if view.wordless:
        checks.append(Check("wordless", "bad", {"purposes": view.wordless}))
    gone = [one.title for one in view.templates if one.gone_at and one.used_by]
    if gone:
        checks.append(Check("gone", "bad", {"titles": gone}))
    return checks
