"""Out of a scene code: which store, which guide, which friend brought them.

A scene is said in parts: `store.HZ01`, `store.HZ01.E006` (with the guide), `parcel`, `ad.double11`, `friend.<customer>`.
"""

from collections.abc import Callable, Mapping, Sequence

from app.kernel import ids
from app.kernel.errors import NotFound
from app.membership import members
from app.outreach.auto_replies.rules.wording import harmless
from app.people import identity, stores, teams


def values_of(scene: str) -> dict[str, str]:
    """What a welcome can say of the scene; what it names and is not there has no value."""
    kind, *rest = scene.split(".")
    values = _KINDS[kind](rest) if rest and kind in _KINDS else {}
    return {name: harmless(value) for name, value in values.items()}


def _of_store(rest: Sequence[str]) -> dict[str, str]:
    store = stores.find_stores_by_codes([rest[0]]).get(rest[0])
    values = {"门店": store.name, "门店地址": store.address} if store and store.closed_on is None else {}
    guide = teams.find_by_code(rest[1]) if len(rest) > 1 else None
    return values | ({"导购": guide.name} if guide else {})


def _of_friend(rest: Sequence[str]) -> dict[str, str]:
    """The friend as a stranger may see them: 林*."""
    try:
        friend = identity.who.find_present(ids.unseal("customer", rest[0]))
    except NotFound:
        return {}
    if friend is None or not members.are_members([friend]):
        return {}
    return {"好友": members.get_member(friend).masked_name or ""}


_KINDS: Mapping[str, Callable[[Sequence[str]], dict[str, str]]] = {"store": _of_store, "friend": _of_friend}
