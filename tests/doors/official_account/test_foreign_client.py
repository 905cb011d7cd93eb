"""A client that was not written here speaks to the door over a real connection: wechat-crypto of npm."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import pytest
from werkzeug.serving import make_server

from app.kernel import clock, inbox
from app.kernel.database import unit_of_work
from app.kernel.settings import settings
from app.membership import members
from app.outreach import auto_replies
from app.outreach.auto_replies.queries import books
from tests.conftest import REPOSITORY
from tests.factories.pushes import MP, OA, a_text, an_event

ANN = "oAnnWritesToTheAccount000001"
SCRIPT = Path(__file__).with_name("platform.cjs")
pytestmark = pytest.mark.skipif(
    not (REPOSITORY / "node_modules/wechat-crypto").is_dir() or not shutil.which("node"),
    reason="npm packages are not installed: npm ci",
)


@pytest.fixture
def address(committed: flask.Flask) -> Iterator[str]:
    """The product behind a real socket, with the stock replies."""
    books.forget()
    with committed.app_context(), unit_of_work():
        members.ship_stock(now=clock.now())
        auto_replies.rulebook.ship_stock(now=clock.now())
    server = make_server("127.0.0.1", 0, committed, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/oa/v1/callbacks"
    server.shutdown()
    thread.join()
    books.forget()


def push(base: str, message: str, *, appid: str = OA, key: int = 0, **more: Any) -> dict[str, Any]:
    """What the foreign client got back, decrypted by it."""
    account = settings().wechat_accounts[appid]
    told = {"address": f"{base}/{appid}", "token": account.push_token, "key": account.push_keys[key]}
    told |= {"appid": appid, "message": message, "json": message.startswith("{")} | more
    ran = subprocess.run(["node", str(SCRIPT)], input=json.dumps(told), capture_output=True, text=True, timeout=30)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_it_is_let_in_and_reads_our_answers(committed: flask.Flask, address: str) -> None:
    at = int(clock_now(committed))
    welcome = push(address, an_event(ANN, "subscribe", at))
    assert welcome["status"] == 200
    assert f"<ToUserName><![CDATA[{ANN}]]></ToUserName>" in welcome["reply"]
    assert "<MsgType><![CDATA[text]]></MsgType>" in welcome["reply"]

    question = a_text(ANN, "积分", at)
    first, again = push(address, question), push(address, question)
    assert first == again != {"status": 200, "reply": "success"}
    with committed.app_context():
        assert inbox.count_waiting() == 2


def test_a_mini_programs_push_is_json(address: str) -> None:
    said = {
        "FromUserName": "oBen",
        "ToUserName": "gh_1",
        "CreateTime": 1,
        "MsgType": "text",
        "Content": "你好",
        "MsgId": 1,
    }
    assert push(address, json.dumps(said), appid=MP)["status"] == 200


def test_with_another_token_or_for_another_account_it_stays_outside(address: str) -> None:
    message = a_text(ANN, "积分", 1)
    assert push(address, message, token="another")["status"] == 401
    assert push(address, message, address=f"{address}/{MP}")["status"] == 401


def clock_now(application: flask.Flask) -> float:
    with application.app_context():
        return clock.now().timestamp()
