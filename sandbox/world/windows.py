"""When an app may write to a person by customer-service message (fact sheet C8): independent buckets, each with its own
count and lifetime."""

from sandbox.world.people import Person

MESSAGE, CLICK, FOLLOW, SCAN, PAYMENT, ENTER = "message", "click", "follow", "scan", "payment", "enter"
TWO_DAYS = 48 * 3600.0
# bucket -> (messages, seconds); -1 is without limit. The first one's count is a switch.
ROOM: dict[str, tuple[int, float]] = {
    MESSAGE: (5, TWO_DAYS),
    CLICK: (3, 60.0),
    FOLLOW: (3, 60.0),
    SCAN: (3, 60.0),
    PAYMENT: (-1, TWO_DAYS),
    ENTER: (2, 60.0),
}


def act(person: Person, *, appid: str, bucket: str, now: float, count: int | None = None) -> None:
    """What the person just did opens its bucket anew."""
    messages, seconds = ROOM[bucket]
    room = {"left": float(messages if count is None else count), "until": now + seconds, "at": now}
    person.windows.setdefault(appid, {})[bucket] = room


def take(person: Person, *, appid: str, now: float) -> bool | None:
    """Takes one message out of the first living bucket with room. None: no bucket lives; False: all are used up."""
    living = [room for room in person.windows.get(appid, {}).values() if room["at"] <= now < room["until"]]
    for room in sorted(living, key=lambda one: one["until"]):
        if room["left"] != 0:
            room["left"] -= 1 if room["left"] > 0 else 0
            return True
    return False if living else None


def last_act(person: Person, *, appid: str) -> float | None:
    """When the person last did something that counts."""
    return max((room["at"] for room in person.windows.get(appid, {}).values()), default=None)


def close(person: Person, *, appid: str) -> None:
    person.windows.pop(appid, None)
