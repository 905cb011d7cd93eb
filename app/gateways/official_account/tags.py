"""Tags of an account's followers. Calls are made one after the other for each account, across all processes: in parallel
the platform answers now and then that a tag which exists is none (45159); then it is asked again."""

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from redis.exceptions import LockError

from app.gateways.wechat.client import ask, fields
from app.gateways.wechat.refusals import PlatformAway, RequestInvalid
from app.kernel.redis import client

PEOPLE_AT_ONCE = 50
NO_SUCH_TAG = 45159
PAUSES_SECONDS = (0.1, 0.5)
LOCK_SECONDS, WAIT_SECONDS = 30, 20


@dataclass(frozen=True)
class Tag:
    """A tag with how many followers have it; ids 0 to 2 are the platform's own. The count lags behind."""

    id: int
    name: str
    count: int


def read(appid: str) -> list[Tag]:
    """All tags."""
    answer = fields(ask(appid, "get", "/cgi-bin/tags/get"), "tags")
    return [Tag(int(tag["id"]), str(tag["name"]), int(tag.get("count", 0))) for tag in answer["tags"]]


def create(appid: str, name: str) -> Tag:
    """A new tag of up to 30 bytes; 100 an account. RequestInvalid with 45157: the name is taken."""
    with _alone(appid):
        answer = fields(ask(appid, "post", "/cgi-bin/tags/create", data={"tag": {"name": name}}), "tag")
    return Tag(int(answer["tag"]["id"]), str(answer["tag"]["name"]), 0)


def rename(appid: str, tag_id: int, name: str) -> None:
    """Give a tag another name."""
    _change(appid, "/cgi-bin/tags/update", {"tag": {"id": tag_id, "name": name}})


def delete(appid: str, tag_id: int) -> None:
    """Delete a tag that fewer than 100,000 have."""
    _change(appid, "/cgi-bin/tags/delete", {"tag": {"id": tag_id}})


def give(appid: str, tag_id: int, openids: Sequence[str]) -> None:
    """Tag people, fifty a call; tagging twice is harmless. One bad openid fails the fifty it is among."""
    _members(appid, "/cgi-bin/tags/members/batchtagging", tag_id, openids)


def take(appid: str, tag_id: int, openids: Sequence[str]) -> None:
    """Untag people, fifty a call."""
    _members(appid, "/cgi-bin/tags/members/batchuntagging", tag_id, openids)


def of_person(appid: str, openid: str) -> tuple[int, ...]:
    """The ids of a follower's tags."""
    return tuple(fields(_change(appid, "/cgi-bin/tags/getidlist", {"openid": openid}), "tagid_list")["tagid_list"])


def _members(appid: str, path: str, tag_id: int, openids: Sequence[str]) -> None:
    for start in range(0, len(openids), PEOPLE_AT_ONCE):
        _change(appid, path, {"openid_list": list(openids[start : start + PEOPLE_AT_ONCE]), "tagid": tag_id})


def _change(appid: str, path: str, body: dict[str, Any]) -> Any:
    with _alone(appid):
        for pause in (*PAUSES_SECONDS, None):
            try:
                return ask(appid, "post", path, data=body)
            except RequestInvalid as refusal:
                if refusal.data["errcode"] != NO_SUCH_TAG or pause is None:
                    raise
                time.sleep(pause)
    raise AssertionError("unreachable")


@contextlib.contextmanager
def _alone(appid: str) -> Iterator[None]:
    lock = client().lock(f"platform-tags:{appid}", timeout=LOCK_SECONDS, blocking_timeout=WAIT_SECONDS)
    if not lock.acquire():
        raise PlatformAway
    try:
        yield
    finally:
        with contextlib.suppress(LockError):  # it ended by itself meanwhile: nothing is left to give back
            lock.release()
