"""Asking the platform about followers, between transactions."""

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from app.gateways.official_account import followers as platform
from app.gateways.wechat.refusals import RequestInvalid
from app.kernel.errands import Errand, run_errand
from app.kernel.settings import settings
from app.people.contacts.operations import learning
from app.people.contacts.operations.learning import Asked, Part, Record

T = TypeVar("T")


def learn_due(*, now: dt.datetime, limit: int = learning.AT_ONCE) -> int:
    """Ask about whoever followed and was not asked about yet: unionid, and how they came (C12). How many; 0: nobody is left.

    Raises what the gateway raises; they are asked about again after a minute.
    """
    choose = partial(learning.choose, _accounts(), now=now)
    return run_errand(Errand(prepare=choose, go=_ask, settle=partial(_written, now=now)))


def read_lists_due(*, now: dt.datetime, limit: int = 1) -> int:
    """Read on in the accounts' lists of followers, from where it was left; how many openids were looked at, 0: all is read.

    Whoever follows and is not in the list is asked about by name, so that nobody is lost by a list that changed meanwhile.
    """
    part, page = run_errand(
        Errand(
            prepare=partial(learning.next_part, _accounts(), now=now), go=_page, settle=lambda part, page: (part, page)
        )
    )
    if part is None:
        return 0
    if page is None:
        return _learn(part, part.missing, now=now)
    strangers = _settle(partial(learning.take_page, part, openids=page.openids))
    for start in range(0, len(strangers), learning.AT_ONCE):
        _learn(part, strangers[start : start + learning.AT_ONCE], now=now)
    _settle(partial(learning.advance, part, cursor=page.next_openid, listed=len(page.openids), now=now))
    return max(len(page.openids), 1)


def _accounts() -> list[str]:
    return sorted(appid for appid, one in settings().wechat_accounts.items() if one.kind == "official_account")


def _page(part: Part | None) -> platform.Page | None:
    return None if part is None or part.read else platform.page(part.account, part.cursor or None)


def _learn(part: Part, openids: Sequence[str], *, now: dt.datetime) -> int:
    asked = Asked(part.account, tuple(openids), now)
    run_errand(Errand(prepare=lambda: asked, go=_ask, settle=partial(_written, now=now)))
    return len(openids)


def _settle(step: Callable[[], T]) -> T:
    return run_errand(Errand(prepare=lambda: None, go=lambda _: None, settle=lambda _, __: step()))


def _written(asked: Asked | None, records: Sequence[Record], *, now: dt.datetime) -> int:
    if asked is None:
        return 0
    learning.write(asked, records=records, now=now)
    return max(len(asked.openids), 1)


def _ask(asked: Asked | None) -> list[Record]:
    """One bad openid spoils the platform's whole answer: then each half is asked about by itself."""
    if asked is None or not asked.openids:
        return []
    try:
        return [_record(one) for one in platform.user_info_batch(asked.account, asked.openids)]
    except RequestInvalid:
        if len(asked.openids) == 1:
            return []
        half = len(asked.openids) // 2
        parts = (asked.openids[:half], asked.openids[half:])
        return [record for part in parts for record in _ask(Asked(asked.account, part, asked.at))]


def _record(told: platform.Follower) -> Record:
    since = dt.datetime.fromtimestamp(told.subscribed_at, dt.UTC) if told.subscribed_at else None
    return Record(told.openid, told.subscribed, told.unionid or "", since, told.came_by, told.scene)
