"""The sandbox's phone in a real browser: nothing sticks out, nothing is wrong, and the chat works by hand."""

import logging
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.serving import make_server

from sandbox import Settings, create_app, demo
from tests.browser.conftest import AXE

BUTTONS = [
    {"name": "会员中心", "sub_button": [{"type": "click", "name": "我的券", "key": "coupons"}]},
    {"type": "click", "name": "联系客服", "key": "human"},
]


@pytest.fixture
def sandbox() -> Iterator[str]:
    """A sandbox on a port of its own with one person and a menu; its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = create_app(Settings())
    http = app.test_client()
    http.post("/_world/people", json={"name": "阿依古丽·买买提吐尔逊·阿卜杜热依木"})
    query = {"grant_type": "client_credential", "appid": demo.OA_APPID, "secret": demo.OA_SECRET}
    token = http.get("/cgi-bin/token", query_string=query).json["access_token"]
    http.post("/cgi-bin/menu/create", query_string={"access_token": token}, json={"button": BUTTONS})
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1180])
def test_the_chat_works_by_hand(chromium: Any, sandbox: str, width: int, scheme: str) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 812}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
    page.goto(f"{sandbox}/?app={demo.OA_APPID}")
    page.get_by_role("button", name="关注", exact=True).click()
    page.get_by_role("textbox", name="消息").fill("我的积分")
    page.get_by_role("button", name="发送", exact=True).click()
    assert page.locator(".said.mine").inner_text() == "我的积分"
    page.locator("summary", has_text="会员中心").click()
    page.get_by_role("button", name="我的券").click()
    assert "点了菜单「我的券」" in page.locator("#chat").inner_text()
    for path in (f"/?app={demo.OA_APPID}", "/?app=telecom", "/"):
        page.goto(f"{sandbox}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.add_script_tag(path=str(AXE))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        assert [one["id"] for one in found] == [], path
        if folder := os.environ.get("GUIYI_PICTURES"):
            page.screenshot(path=f"{folder}/sandbox-{path[-4:].strip('/?')}-{width}-{scheme}.png")
    assert troubles == []
    context.close()
