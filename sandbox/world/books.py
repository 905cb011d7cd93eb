"""What an official account keeps at the platform beside its followers: tags, menus, tickets, its industries, media."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

STARRED = 2
FIRST_TAG = 100


@dataclass(slots=True)
class Media:
    """An uploaded file. Temporary ones end after three days; `url` is set for pictures that may stand in articles."""

    media_id: str
    kind: str
    name: str
    content_type: str
    size: int
    created_at: float
    permanent: bool = False
    url: str = ""
    title: str = ""
    words: str = ""
    articles: list[dict[str, Any]] = field(default_factory=list)
    content: bytes = b""


@dataclass(slots=True)
class Ticket:
    text: str
    expires_at: float


@dataclass(slots=True)
class Book:
    """One account's own records. Menus are as they were given, checked; conditional ones newest last."""

    appid: str
    tags: dict[int, str] = field(default_factory=lambda: {STARRED: "星标组"})
    next_tag: int = FIRST_TAG
    menu: dict[str, Any] | None = None
    menu_id: int = 0
    conditional: dict[str, dict[str, Any]] = field(default_factory=dict)
    next_menu_id: int = 208_379_533
    industries: tuple[int, int] = (1, 31)
    industries_changed_in: str = ""
    permanent_tickets: dict[str, str] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    media: dict[str, Media] = field(default_factory=dict)
    mass_speed: int | None = None

    def menu_for(self, tag_ids: list[int]) -> dict[str, Any] | None:
        """The menu that somebody with these tags sees: the newest conditional one that fits, else the usual one."""
        for one in reversed(self.conditional.values()):
            tag = str(one["matchrule"].get("tag_id", ""))
            if tag and tag in map(str, tag_ids):
                return one
        return self.menu

    def to_json(self) -> dict[str, Any]:
        """Without the media: they do not outlive the program."""
        shown = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "media"}
        shown["tickets"] = {name: asdict(ticket) for name, ticket in self.tickets.items()}
        shown["tags"] = {str(number): name for number, name in self.tags.items()}
        return shown


def book_from_json(body: dict[str, Any]) -> Book:
    tags = {int(number): str(name) for number, name in body.pop("tags").items()}
    tickets = {name: Ticket(**row) for name, row in body.pop("tickets").items()}
    first, second = body.pop("industries")
    return Book(**body, tags=tags, tickets=tickets, industries=(first, second))
