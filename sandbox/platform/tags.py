"""Tags of followers (fact sheet C10)."""

import itertools
from collections import Counter
from typing import Any

from sandbox.platform.calls import Call, endpoint, ok, text
from sandbox.platform.errors import PlatformError
from sandbox.platform.followers import list_of_openids, own_person, page_after
from sandbox.world import Person
from sandbox.world.apps import OFFICIAL_ACCOUNT
from sandbox.world.books import FIRST_TAG, Book

MOST_TAGS, MOST_PER_PERSON, MOST_AT_ONCE = 100, 20, 50
LONGEST_NAME_BYTES = 30
TOO_MANY_TO_DELETE = 100_000
ACCOUNT = "account"


@endpoint("/cgi-bin/tags/create", method="POST", kind=OFFICIAL_ACCOUNT)
def create(call: Call) -> dict[str, Any]:
    """A hundred tags beside the platform's own."""
    book, name = call.book, _name(call)
    if sum(number >= FIRST_TAG for number in book.tags) >= MOST_TAGS:
        raise PlatformError(45056)
    number = book.next_tag
    book.tags[number] = name
    book.next_tag += 1
    call.world.touch(book)
    return {"tag": {"id": number, "name": name}}


@endpoint("/cgi-bin/tags/get", method="GET", kind=OFFICIAL_ACCOUNT)
def get(call: Call) -> dict[str, Any]:
    """All tags with how many followers carry them."""
    appid = call.app.appid
    followers = (person.followers[appid] for person in call.world.people.all() if person.follows(appid))
    counts = Counter(itertools.chain.from_iterable(follower.tag_ids for follower in followers))
    return {"tags": [{"id": number, "name": name, "count": counts[number]} for number, name in call.book.tags.items()]}


@endpoint("/cgi-bin/tags/update", method="POST", kind=OFFICIAL_ACCOUNT)
def update(call: Call) -> dict[str, Any]:
    number = _own_tag(call)
    call.book.tags[number] = _name(call, but=number)
    call.world.touch(call.book)
    return ok()


@endpoint("/cgi-bin/tags/delete", method="POST", kind=OFFICIAL_ACCOUNT)
def delete(call: Call) -> dict[str, Any]:
    """Takes the tag from everybody; one with more than a hundred thousand must be emptied first."""
    number = _own_tag(call)
    people = carriers(call, number=number)
    if len(people) > TOO_MANY_TO_DELETE:
        raise PlatformError(45057)
    for person in people:
        person.follower_of(call.app.appid).tag_ids.remove(number)
        call.world.touch(person)
    del call.book.tags[number]
    call.world.touch(call.book)
    return ok()


@endpoint("/cgi-bin/user/tag/get", method="POST", kind=OFFICIAL_ACCOUNT)
def members(call: Call) -> dict[str, Any]:
    """Ten thousand openids that carry the tag, after `next_openid`."""
    number = known_tag(call.body.get("tagid"), book=call.book)
    openids = [person.openid_in(call.app.appid) for person in carriers(call, number=number)]
    page, after = page_after(openids, next_openid=text(call.body, name="next_openid"))
    return {"count": len(page), **({"data": {"openid": page}} if page else {}), "next_openid": after}


@endpoint("/cgi-bin/tags/members/batchtagging", method="POST", kind=OFFICIAL_ACCOUNT, lane=ACCOUNT)
def batchtagging(call: Call) -> dict[str, Any]:
    """All or nobody. Tagging twice is harmless."""
    number, people = _batch(call)
    appid = call.app.appid
    if any(len({*person.follower_of(appid).tag_ids, number}) > MOST_PER_PERSON for person in people):
        raise PlatformError(45059)
    for person in people:
        mine = person.follower_of(appid).tag_ids
        if number not in mine:
            mine.append(number)
        call.world.touch(person)
    return ok()


@endpoint("/cgi-bin/tags/members/batchuntagging", method="POST", kind=OFFICIAL_ACCOUNT, lane=ACCOUNT)
def batchuntagging(call: Call) -> dict[str, Any]:
    number, people = _batch(call)
    for person in people:
        mine = person.follower_of(call.app.appid).tag_ids
        if number in mine:
            mine.remove(number)
        call.world.touch(person)
    return ok()


@endpoint("/cgi-bin/tags/getidlist", method="POST", kind=OFFICIAL_ACCOUNT)
def getidlist(call: Call) -> dict[str, Any]:
    person = own_person(call, openid=call.body.get("openid"))
    return {"tagid_list": list(person.follower_of(call.app.appid).tag_ids)}


def carriers(call: Call, *, number: int) -> list[Person]:
    """The followers who carry a tag, in the order of the world."""
    appid = call.app.appid
    return [
        person
        for person in call.world.people.all()
        if person.follows(appid) and number in person.followers[appid].tag_ids
    ]


def _batch(call: Call) -> tuple[int, list[Person]]:
    openids = list_of_openids(call, name="openid_list", most=MOST_AT_ONCE)
    number = known_tag(call.body.get("tagid"), book=call.book)
    if call.parallel and call.world.switches.parallel_tagging_fails:
        raise PlatformError(45159)
    people = [own_person(call, openid=openid) for openid in openids]
    if not all(person.follows(call.app.appid) for person in people):
        raise PlatformError(40003)
    return number, people


def _given(call: Call) -> dict[str, Any]:
    tag = call.body.get("tag")
    if not isinstance(tag, dict):
        raise PlatformError(47001)
    return tag


def _name(call: Call, *, but: int | None = None) -> str:
    name = text(_given(call), name="name")
    if len(name.encode()) > LONGEST_NAME_BYTES:
        raise PlatformError(45158)
    taken = {known for number, known in call.book.tags.items() if number != but}
    if not name.strip() or name in taken:
        raise PlatformError(45157)
    return name


def _own_tag(call: Call) -> int:
    number = _given(call).get("id")
    if isinstance(number, int) and 0 <= number <= 2:
        raise PlatformError(45058)
    return known_tag(number, book=call.book)


def known_tag(number: object, *, book: Book) -> int:
    """Numbers sent as text are taken as well, as the platform takes them."""
    found = int(number) if isinstance(number, str) and number.isdigit() else number
    if not isinstance(found, int) or isinstance(found, bool) or found not in book.tags:
        raise PlatformError(45159)
    return found
