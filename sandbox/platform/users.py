"""Followers: their records, their list, remarks, and openids after a move to another account (fact sheet C9)."""

from typing import Any

from sandbox.platform.calls import Call, endpoint, ok, text
from sandbox.platform.errors import PlatformError
from sandbox.platform.followers import follower_of, list_of_openids, page_after, person_of
from sandbox.world import Person
from sandbox.world.apps import OFFICIAL_ACCOUNT
from sandbox.world.people import Follower

MOST_AT_ONCE = 100
LONGEST_REMARK = 29


@endpoint("/cgi-bin/user/info", method="GET", kind=OFFICIAL_ACCOUNT)
def info(call: Call) -> dict[str, Any]:
    """One person's record; of somebody who does not follow only the ids."""
    if not call.query.get("openid"):
        raise PlatformError(41009)
    return record(call, person=person_of(call, openid=call.query["openid"]))


@endpoint("/cgi-bin/user/info/batchget", method="POST", wrong_method=47001, kind=OFFICIAL_ACCOUNT)
def batchget(call: Call) -> dict[str, Any]:
    """Up to a hundred records, in the order asked for."""
    rows = list_of_openids(call, name="user_list", most=MOST_AT_ONCE)
    if not all(isinstance(row, dict) for row in rows):
        raise PlatformError(47001)
    return {"user_info_list": [record(call, person=person_of(call, openid=row.get("openid"))) for row in rows]}


def record(call: Call, *, person: Person) -> dict[str, Any]:
    """The person as the account may see them. Names and pictures are given only as they were before 2021."""
    app, openid = call.app, person.openid_in(call.app.appid)
    union = {"unionid": person.unionid} if app.bound else {}
    if not person.follows(app.appid):
        return {"subscribe": 0, "openid": openid, **union}
    follower = person.follower_of(app.appid)
    shown = {
        "subscribe": 1,
        "openid": openid,
        "language": follower.language,
        "subscribe_time": int(follower.subscribe_time),
        **union,
        "remark": follower.remark,
        "groupid": follower.tag_ids[0] if follower.tag_ids else 0,
    }
    if call.world.switches.user_info_as_before_2021:
        profile = {"sex": 1, "city": "深圳", "province": "广东", "country": "中国"}
        return {**shown, "nickname": person.name, **profile, "headimgurl": "http://wx.qlogo.cn/mmopen/0/0"}
    return {**shown, **_how_they_came(follower)}


def _how_they_came(follower: Follower) -> dict[str, Any]:
    return {
        "tagid_list": list(follower.tag_ids),
        "subscribe_scene": follower.subscribe_scene,
        "qr_scene": follower.qr_scene,
        "qr_scene_str": follower.qr_scene_str,
    }


@endpoint("/cgi-bin/user/get", method="GET", kind=OFFICIAL_ACCOUNT)
def users(call: Call) -> dict[str, Any]:
    """Ten thousand openids of followers at a time. After the last one comes a page without `data`."""
    appid = call.app.appid
    openids = [person.openid_in(appid) for person in call.world.people.all() if person.follows(appid)]
    page, after = page_after(openids, next_openid=call.query.get("next_openid", ""))
    data = {"data": {"openid": page}} if page else {}
    return {"total": len(openids), "count": len(page), **data, "next_openid": after}


@endpoint("/cgi-bin/user/info/updateremark", method="POST", kind=OFFICIAL_ACCOUNT)
def updateremark(call: Call) -> dict[str, Any]:
    person = follower_of(call, openid=call.body.get("openid"))
    remark = text(call.body, name="remark")
    if len(remark) > LONGEST_REMARK:
        raise PlatformError(40035)
    person.follower_of(call.app.appid).remark = remark
    call.world.touch(person)
    return ok()


@endpoint("/cgi-bin/changeopenid", method="POST", kind=OFFICIAL_ACCOUNT)
def changeopenid(call: Call) -> dict[str, Any]:
    """Openids of an account that moved into this one; an unknown one has no new_openid while the answer is 0."""
    old = text(call.body, name="from_appid")
    if old not in call.world.apps:
        raise PlatformError(40013)
    results = []
    for openid in list_of_openids(call, name="openid_list", most=MOST_AT_ONCE):
        person = call.world.people.by_openid(old, openid=str(openid))
        if person is None:
            results.append({"ori_openid": openid, "err_msg": "ori_openid error"})
        else:
            moved = {"ori_openid": openid, "new_openid": person.openid_in(call.app.appid), "err_msg": "ok"}
            results.append(moved)
    return ok(result_list=results)
