"""The platform's own record of a follower, in our words."""

_WAYS = {"ADD_SCENE_QR_CODE": "qr_code", "ADD_SCENE_PAID": "paid"}


def way_of(came_by: str | None) -> str:
    """How they came: ADD_SCENE_SEARCH is search; empty while unknown."""
    if not came_by:
        return ""
    return _WAYS.get(came_by, came_by.removeprefix("ADD_SCENE_").lower())


def scene_of(came_by: str | None, scene: str | None) -> str:
    """The scene of the code they scanned; the record keeps an old one when they come back another way."""
    return scene or "" if came_by in (None, "ADD_SCENE_QR_CODE") else ""
