"""Daily and per-minute limits per (app, path), counted where quota/get reads them, so that the two always agree."""

from collections import defaultdict
from dataclasses import dataclass

from sandbox.world.apps import App
from sandbox.world.clock import beijing_day, beijing_month

CLEARS_PER_MONTH = 10
PATH_CLEARS_PER_MONTH = 50
LINKS = "links"


@dataclass(frozen=True, slots=True)
class Limit:
    """0 means that no cap is configured. `minute_errcode` differs on a few paths."""

    daily: int = 0
    minute: int = 0
    second: int = 0
    daily_errcode: int = 45009
    minute_errcode: int = 45011
    shared: str = ""


_LINK = Limit(daily=500_000, second=100, daily_errcode=44993, minute_errcode=44990, shared=LINKS)

_MASS = Limit(daily=100, shared="mass")

LIMITS: dict[str, Limit] = {
    "/cgi-bin/token": Limit(daily=2_000),
    "/cgi-bin/stable_token": Limit(daily=500_000, minute=10_000),
    "/cgi-bin/message/subscribe/send": Limit(daily=10_000_000),
    "/wxa/business/getuserphonenumber": Limit(),
    "/wxa/business/checkencryptedmsg": Limit(),
    "/wxa/checksession": Limit(),
    "/wxa/resetusersessionkey": Limit(minute=60_000),
    "/wxa/getwxacodeunlimit": Limit(minute=5_000, minute_errcode=45009),
    "/wxa/generate_urllink": _LINK,
    "/wxa/generatescheme": _LINK,
    "/wxa/msg_sec_check": Limit(daily=2_000_000, minute=4_000),
    "/wxaapi/newtmpl/gettemplate": Limit(),
    "/wxaapi/newtmpl/addtemplate": Limit(),
    "/wxaapi/newtmpl/deltemplate": Limit(),
    "/wxaapi/newtmpl/getcategory": Limit(),
    "/cgi-bin/clear_quota": Limit(),
    "/cgi-bin/clear_quota/v2": Limit(),
    "/cgi-bin/openapi/quota/get": Limit(),
    "/cgi-bin/openapi/quota/clear": Limit(),
    "/cgi-bin/openapi/rid/get": Limit(),
    "/cgi-bin/get_api_domain_ip": Limit(),
    "/cgi-bin/getcallbackip": Limit(),
    "/cgi-bin/callback/check": Limit(),
    # Known to quota/get only.
    "/wxa/gettemplatedraftlist": Limit(),
    "/cgi-bin/message/custom/send": Limit(daily=500_000),
    "/cgi-bin/message/custom/typing": Limit(),
    "/cgi-bin/message/template/send": Limit(daily=100_000),
    "/cgi-bin/message/subscribe/bizsend": Limit(),
    "/cgi-bin/menu/create": Limit(daily=1_000),
    "/cgi-bin/menu/get": Limit(daily=10_000),
    "/cgi-bin/menu/delete": Limit(daily=1_000),
    "/cgi-bin/media/upload": Limit(daily=100_000),
    "/cgi-bin/media/get": Limit(daily=200_000),
    "/cgi-bin/qrcode/create": Limit(daily=100_000),
    "/cgi-bin/user/get": Limit(daily=500),
    "/cgi-bin/user/info": Limit(daily=5_000_000),
    "/cgi-bin/user/info/updateremark": Limit(daily=10_000),
    "/cgi-bin/user/info/batchget": Limit(daily=500_000),
    "/cgi-bin/changeopenid": Limit(),
    "/cgi-bin/tags/create": Limit(),
    "/cgi-bin/tags/get": Limit(),
    "/cgi-bin/tags/update": Limit(),
    "/cgi-bin/tags/delete": Limit(),
    "/cgi-bin/tags/members/batchtagging": Limit(),
    "/cgi-bin/tags/members/batchuntagging": Limit(),
    "/cgi-bin/tags/getidlist": Limit(),
    "/cgi-bin/user/tag/get": Limit(),
    "/cgi-bin/menu/addconditional": Limit(daily=2_000),
    "/cgi-bin/menu/delconditional": Limit(daily=2_000),
    "/cgi-bin/menu/trymatch": Limit(daily=20_000),
    "/cgi-bin/get_current_selfmenu_info": Limit(),
    "/cgi-bin/ticket/getticket": Limit(),
    "/cgi-bin/template/get_all_private_template": Limit(),
    "/cgi-bin/template/api_add_template": Limit(),
    "/cgi-bin/template/del_private_template": Limit(),
    "/cgi-bin/template/api_set_industry": Limit(),
    "/cgi-bin/template/get_industry": Limit(),
    "/wxaapi/newtmpl/getpubtemplatetitles": Limit(),
    "/wxaapi/newtmpl/getpubtemplatekeywords": Limit(),
    "/sns/oauth2/access_token": Limit(minute=50_000),
    "/sns/oauth2/refresh_token": Limit(minute=50_000),
    "/cgi-bin/message/mass/sendall": _MASS,
    "/cgi-bin/message/mass/send": _MASS,
    "/cgi-bin/message/mass/preview": Limit(daily=100),
    "/cgi-bin/message/mass/get": Limit(),
    "/cgi-bin/message/mass/delete": Limit(daily=10),
    "/cgi-bin/message/mass/speed/get": Limit(),
    "/cgi-bin/message/mass/speed/set": Limit(),
    "/cgi-bin/media/uploadimg": Limit(daily=100_000),
    "/cgi-bin/material/add_material": Limit(),
    "/cgi-bin/material/get_material": Limit(),
    "/cgi-bin/material/del_material": Limit(),
    "/cgi-bin/material/get_materialcount": Limit(),
    "/cgi-bin/material/batchget_material": Limit(),
    "/cgi-bin/draft/add": Limit(daily=10),
}


def limit_of(app: App, *, path: str) -> Limit:
    """The limit that holds for this app: an order of the world API first, then the platform's own figure."""
    usual = LIMITS.get(path, Limit())
    if path == "/cgi-bin/message/subscribe/send" and app.has_payment:
        usual = Limit(daily=30_000_000)
    own = app.limits.get(path)
    if own is None:
        return usual
    return Limit(
        daily=int(own.get("daily", usual.daily)),
        minute=int(own.get("minute", usual.minute)),
        second=int(own.get("second", usual.second)),
        daily_errcode=usual.daily_errcode,
        minute_errcode=usual.minute_errcode,
        shared=usual.shared,
    )


class Quotas:
    """Counters of calls. A refused call is not counted."""

    def __init__(self) -> None:
        self._days: dict[tuple[str, str], tuple[str, int]] = {}
        self._windows: dict[tuple[str, int], tuple[int, int]] = {}
        self._clears: dict[tuple[str, str], int] = defaultdict(int)

    def count(self, app: App, *, path: str, now: float) -> int:
        """Counts one call. Returns 0, or the errcode of the limit that it would pass."""
        limit = limit_of(app, path=path)
        name = limit.shared or path
        used = self._used(app.appid, name=name, now=now)
        if limit.daily and used >= limit.daily:
            return limit.daily_errcode
        for seconds, cap in ((1, limit.second), (60, limit.minute)):
            if cap and not self.window(f"{app.appid} {name}", cap=cap, seconds=seconds, now=now):
                return limit.minute_errcode
        self._days[app.appid, name] = (beijing_day(now), used + 1)
        return 0

    def window(self, name: str, *, cap: int, seconds: int, now: float) -> bool:
        """Counts one in the current window of so many seconds; False when it is full."""
        key = (name, seconds)
        window = int(now // seconds)
        started, count = self._windows.get(key, (window, 0))
        if started != window:
            count = 0
        if count >= cap:
            return False
        self._windows[key] = (window, count + 1)
        return True

    def used(self, app: App, *, path: str, now: float) -> int:
        return self._used(app.appid, name=limit_of(app, path=path).shared or path, now=now)

    def _used(self, appid: str, *, name: str, now: float) -> int:
        day, count = self._days.get((appid, name), ("", 0))
        return count if day == beijing_day(now) else 0

    def clear(self, app: App, *, now: float) -> bool:
        """All counters of the app, ten times a month; False when no clears are left."""
        if not self._take_clear(app.appid, purpose="all", cap=CLEARS_PER_MONTH, now=now):
            return False
        self._days = {key: value for key, value in self._days.items() if key[0] != app.appid}
        self._windows = {key: value for key, value in self._windows.items() if not key[0].startswith(app.appid)}
        return True

    def clear_path(self, app: App, *, path: str, now: float) -> bool:
        """One path's counters, fifty times a month."""
        if not self._take_clear(app.appid, purpose="path", cap=PATH_CLEARS_PER_MONTH, now=now):
            return False
        name = limit_of(app, path=path).shared or path
        self._days.pop((app.appid, name), None)
        for seconds in (1, 60):
            self._windows.pop((f"{app.appid} {name}", seconds), None)
        return True

    def _take_clear(self, appid: str, *, purpose: str, cap: int, now: float) -> bool:
        key = (f"{appid} {purpose}", beijing_month(now))
        if self._clears[key] >= cap:
            return False
        self._clears[key] += 1
        return True
