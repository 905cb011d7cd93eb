"""Scene codes of official accounts, found by their ticket when somebody scans one."""

from dataclasses import dataclass

from sandbox.world.books import Book


@dataclass(slots=True)
class QrCode:
    """`scene` is the number as text, or the text; `is_text` tells which. `expires_at` is None for permanent codes."""

    ticket: str
    appid: str
    scene: str
    is_text: bool
    expires_at: float | None = None

    def lives(self, now: float) -> bool:
        return self.expires_at is None or now < self.expires_at


def permanent_codes(book: Book) -> dict[str, QrCode]:
    """The permanent codes of an account by their tickets; its book names them `text <scene>` or `number <scene>`."""
    codes = {}
    for name, ticket in book.permanent_tickets.items():
        kind, _, scene = name.partition(" ")
        codes[ticket] = QrCode(ticket=ticket, appid=book.appid, scene=scene, is_text=kind == "text")
    return codes
