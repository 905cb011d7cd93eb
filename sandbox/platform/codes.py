"""POST /wxa/getwxacodeunlimit (fact sheet B6): a real image on success, JSON on failure."""

import io
import re
from typing import Any
from urllib.parse import urlencode

import segno
from PIL import Image

from sandbox.platform.calls import Call, endpoint, text
from sandbox.platform.errors import PlatformError

_SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]+")
LONGEST_SCENE = 32
UNCHECKED_PAGES = 60_000


@endpoint("/wxa/getwxacodeunlimit", method="POST", bad_body=40169)
def getwxacodeunlimit(call: Call) -> bytes:
    """The image holds appid, page, scene and version, so that a scan of it can be followed in the sandbox."""
    scene = _scene(call)
    page = text(call.body, name="page")
    _check_page(call, page=page)
    version = text(call.body, name="env_version") or "release"
    if version not in ("release", "trial", "develop"):
        raise PlatformError(40097)
    width = call.body.get("width", 430)
    if not isinstance(width, int) or isinstance(width, bool) or not 280 <= width <= 1280:
        raise PlatformError(40097)
    content = code_content(call.app.appid, page=page, scene=scene, version=version)
    return draw(content, width=width, colour=_colour(call.body), transparent=bool(call.body.get("is_hyaline")))


def code_content(appid: str, *, page: str, scene: str, version: str = "release") -> str:
    """The text inside the sandbox's mini-program codes."""
    query = urlencode({"appid": appid, "page": page, "scene": scene, "env": version})
    return f"https://mp.weixin.qq.com/a/sandbox?{query}"


def _scene(call: Call) -> str:
    scene = call.body.get("scene")
    if not isinstance(scene, str) or not 1 <= len(scene) <= LONGEST_SCENE:
        raise PlatformError(40169)
    if not _SCENE.fullmatch(scene):
        raise PlatformError(call.world.switches.illegal_scene_errcode)
    if "scancode_time" in scene:
        raise PlatformError(85096)
    return scene


def _check_page(call: Call, *, page: str) -> None:
    """No leading slash, no query; released unless check_path is false."""
    if page.startswith("/") or "?" in page:
        raise PlatformError(41030)
    if call.body.get("check_path", True) is not False:
        if page and not call.app.has_page(page):
            raise PlatformError(41030)
        return
    seen = call.world.code_pages.setdefault(call.app.appid, set())
    if page not in seen and len(seen) >= UNCHECKED_PAGES:
        raise PlatformError(45029)
    seen.add(page)


def _colour(body: dict[str, Any]) -> tuple[int, int, int]:
    """line_color counts only without auto_color; clients send its numbers as text or as numbers."""
    wanted = body.get("line_color") or {}
    if body.get("auto_color") or not isinstance(wanted, dict):
        return (0, 0, 0)
    try:
        red, green, blue = (int(wanted.get(name, 0)) for name in "rgb")
    except (TypeError, ValueError, OverflowError):
        raise PlatformError(40097) from None
    if not all(0 <= part <= 255 for part in (red, green, blue)):
        raise PlatformError(40097)
    return (red, green, blue)


def draw(content: str, *, width: int, colour: tuple[int, int, int], transparent: bool) -> bytes:
    """A square PNG of exactly this width with the QR code in its middle."""
    code = segno.make(content, error="m", micro=False)
    modules = int(code.symbol_size(border=4)[0])
    scale = width // modules
    rows = [bytes(255 if dark else 0 for dark in row) for row in code.matrix_iter(scale=scale, border=4)]
    mask = Image.frombytes("L", (modules * scale, modules * scale), b"".join(rows))
    background = (255, 255, 255, 0 if transparent else 255)
    picture = Image.new("RGBA", (width, width), background)
    corner = (width - modules * scale) // 2
    picture.paste((*colour, 255), (corner, corner), mask)
    out = io.BytesIO()
    (picture if transparent else picture.convert("RGB")).save(out, "PNG")
    return out.getvalue()
