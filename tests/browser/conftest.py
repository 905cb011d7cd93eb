"""A real browser on a real server: Debian's or Playwright's chromium; without one these tests say so and are skipped."""

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flask
import pytest
from werkzeug.serving import make_server

ROOT = Path(__file__).resolve().parents[2]
FULL_SIZE = os.environ.get("GUIYI_FULL_SIZE") == "1"
AXE = ROOT / "node_modules/axe-core/axe.min.js"
WIDTHS = {"wide": 1440, "narrow": 1180}
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here carries the marker, so that it can be chosen and left out."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for all tests of a worker."""
    playwright = pytest.importorskip("playwright.sync_api", reason="no browser: playwright is not installed")
    path = os.environ.get("GUIYI_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not (ROOT / "node_modules/htmx.org").is_dir():
        pytest.skip("no browser test: node_modules is missing, `make run` brings it")
    with playwright.sync_playwright() as driver:
        try:
            browser = driver.chromium.launch(executable_path=path, args=ARGS)
        except playwright.Error as error:
            pytest.skip(f"no browser: {str(error).splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture
def server(committed: flask.Flask) -> Iterator[str]:
    """The whole product on a port of its own, with threads; its address."""
    running = make_server("127.0.0.1", 0, committed, threaded=True)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join(timeout=10)
    running.server_close()


@dataclass
class Phone:
    """A page of 375 × 812, light or dark, with what went wrong on it."""

    page: Any
    server: str
    scheme: str
    troubles: list[str]

    def open(self, path: str) -> None:
        """Go to a path of the product."""
        self.page.goto(self.server + path)

    def check(self) -> list[str]:
        """What axe finds, one line each."""
        self.page.add_script_tag(path=str(AXE))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [f"{each['id']}: {each['help']} {each['nodes'][0]['html']}" for each in found["violations"]]

    def keep(self, name: str) -> None:
        """A picture for whoever wants to look, where GUIYI_PICTURES names a folder."""
        if folder := os.environ.get("GUIYI_PICTURES"):
            self.page.screenshot(path=f"{folder}/{name}-{self.scheme}.png")


@pytest.fixture(params=["light", "dark"])
def phone(request: pytest.FixtureRequest, chromium: Any, server: str) -> Iterator[Phone]:
    """A phone in the hand, by day and by night."""
    context = chromium.new_context(
        viewport={"width": 375, "height": 812},
        device_scale_factor=2,
        color_scheme=request.param,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        bypass_csp=True,  # only so that axe may be put into the page
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
    yield Phone(page, server, request.param, troubles)
    context.close()


# Each width and each scheme is seen; at full size each width in each scheme.
DESKS = [("wide", "light"), ("narrow", "dark"), *([("wide", "dark"), ("narrow", "light")] if FULL_SIZE else [])]


@pytest.fixture(params=DESKS, ids="-".join)
def desk(request: pytest.FixtureRequest, chromium: Any, server: str) -> Iterator[Phone]:
    """A desktop of 1440 or 1180, by day and by night."""
    width, scheme = request.param
    context = chromium.new_context(
        viewport={"width": WIDTHS[width], "height": 900},
        color_scheme=scheme,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        bypass_csp=True,  # only so that axe may be put into the page
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
    yield Phone(page, server, f"{width}-{scheme}", troubles)
    context.close()
