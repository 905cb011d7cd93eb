"""The picture of a mini-program card in the chat: drawn once, uploaded to each account, which keeps it for three days."""

import functools
import io
import logging

from PIL import Image, ImageDraw

from app.gateways.official_account import media
from app.kernel.errors import Refusal
from app.kernel.redis import client

log = logging.getLogger("guiyi.messaging")
# The platform shows cards as 5:4; its three days are not used to their end.
WIDTH, HEIGHT = 520, 416
KEPT_SECONDS = 60 * 3600
INK, PAPER, ACCENT = (11, 107, 116), (245, 246, 247), (7, 193, 96)


def card_picture(account: str) -> str | None:
    """The media id of the card's picture in this account; None where it cannot be uploaded now: then a line must do."""
    key = f"card-picture:{account}"
    if known := client().get(key):
        return str(known)
    try:
        media_id = media.upload(account, "image", name="card.png", content=_drawn())
    except Refusal:
        log.warning("the picture of the card could not be uploaded", extra={"account": account}, exc_info=True)
        return None
    client().set(key, media_id, ex=KEPT_SECONDS)
    return media_id


@functools.cache
def _drawn() -> bytes:
    """A member card on paper, without a word: fonts differ from machine to machine."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((48, 72, WIDTH - 48, HEIGHT - 72), radius=28, fill=INK)
    draw.rounded_rectangle((84, 108, 164, 164), radius=10, fill=ACCENT)
    for row, width in enumerate((240, 180, 120)):
        top = 208 + 40 * row
        draw.rounded_rectangle((84, top, 84 + width, top + 16), radius=8, fill=PAPER)
    file = io.BytesIO()
    picture.save(file, format="PNG", optimize=True)
    return file.getvalue()
