"""Sends against the simulated platform: every errcode has its name, and what is not known is said to be not known."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from app.gateways import miniprogram, official_account
from app.gateways.wechat import refusals, sends, tokens, transport
from app.kernel.redis import client as redis_client
from tests.conftest import SHARED
from tests.factories.platform import Platform

TEMPLATE = "/cgi-bin/message/template/send"
TOKEN = "/cgi-bin/stable_token"
CODES = {
    -1: refusals.Busy,
    40003: refusals.RecipientRefused,
    40013: refusals.AccountRefused,
    40037: refusals.MessageInvalid,
    40125: refusals.AccountRefused,
    40164: refusals.AccountRefused,
    40165: refusals.MessageInvalid,
    41030: refusals.MessageInvalid,
    43004: refusals.RecipientRefused,
    43019: refusals.RecipientRefused,
    43101: refusals.RecipientRefused,
    43107: refusals.AccountRefused,
    43108: refusals.RateReached,
    43116: refusals.MessageInvalid,
    43117: refusals.RateReached,
    45009: refusals.QuotaSpent,
    45011: refusals.RateReached,
    45015: refusals.RecipientRefused,
    45047: refusals.RecipientRefused,
    45168: refusals.MessageInvalid,
    47001: refusals.MessageInvalid,
    47003: refusals.MessageInvalid,
    48001: refusals.AccountRefused,
    48002: refusals.RecipientRefused,
    50002: refusals.AccountRefused,
    99999: refusals.MessageInvalid,
}

Send = Callable[[], official_account.Accepted]


def template(appid: str) -> official_account.Accepted:
    data = {"thing1": "手作课", "time2": "2026年5月21日 14:00"}
    return official_account.send_template(appid, openid="o" * 28, template_id="t" * 43, data=data, client_msg_id="1")


@pytest.mark.parametrize(("errcode", "kind"), CODES.items(), ids=str)
def test_every_errcode_has_its_meaning(platform: Platform, errcode: int, kind: type[refusals.NotSent]) -> None:
    platform.fault(TEMPLATE, "errcode", errcode=errcode)

    with pytest.raises(refusals.SendFailed) as refused:
        template(platform.oa_appid)
    assert (type(refused.value), refused.value.code) == (kind, errcode)


def test_every_code_of_the_platforms_table_is_final_or_waits_for_a_reason() -> None:
    table = SHARED / "platform" / "wechat-fixtures" / "errcode-table.json"
    if not table.exists():
        pytest.skip("the platform's table of codes is not on this machine (set GUIYI_SHARED)")
    codes = {int(code) for code in json.loads(table.read_text()) if code.lstrip("-").isdigit()} - {0}
    assert len(codes) > 50
    waits = {code for code in codes if not isinstance(sends.send_refusal(code, ""), FINAL)}
    assert {-1, 45009, 45011, 43108, 48001, 40164, 40001} <= waits
    assert not waits & {43101, 47003, 40003, 43004, 40037, 45015}


FINAL = (refusals.RecipientRefused, refusals.MessageInvalid)


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ("argument invalid! data.thing1.value invalid rid: 6a-1-2", "thing1"),
        ("data.amount4.value is emtpy", "amount4"),
        ("data.character_string2.value rid:", "character_string2"),
        ("invalid template_id rid: 6a-1-2", None),
    ],
)
def test_an_invalid_value_names_its_field(platform: Platform, words: str, field: str | None) -> None:
    platform.fault(TEMPLATE, "errcode", errcode=47003, errmsg=words)
    with pytest.raises(refusals.MessageInvalid) as refused:
        template(platform.oa_appid)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "lost_answer"},
        {"kind": "lost_answer", "seconds": 0.01},
        {"kind": "http_error", "status": 502},
        {"kind": "http_error", "status": 504},
        {"kind": "html"},
        {"kind": "cut_short"},
    ],
    ids=str,
)
def test_whatever_is_no_answer_leaves_it_unknown(platform: Platform, order: dict[str, Any]) -> None:
    platform.fault(TEMPLATE, **order)
    with pytest.raises(refusals.AnswerLost):
        template(platform.oa_appid)


@pytest.mark.parametrize("order", [{"kind": "lost_answer"}, {"kind": "html"}, {"kind": "http_error", "status": 502}])
def test_without_a_token_nothing_was_sent(platform: Platform, order: dict[str, Any]) -> None:
    platform.fault(TOKEN, **order)
    with pytest.raises(refusals.Busy):
        template(platform.oa_appid)
    assert platform.calls(TEMPLATE) == []


@pytest.mark.parametrize(
    ("errcode", "kind"),
    [
        (40164, refusals.AccountRefused),
        (40125, refusals.AccountRefused),
        (40001, refusals.AccountRefused),
        (45009, refusals.QuotaSpent),
        (45011, refusals.RateReached),
        (-1, refusals.Busy),
    ],
)
def test_what_the_token_is_refused_for_stands_for_the_send(
    platform: Platform, errcode: int, kind: type[refusals.NotSent]
) -> None:
    platform.fault(TOKEN, "errcode", errcode=errcode)
    with pytest.raises(kind) as refused:
        template(platform.oa_appid)
    assert refused.value.code == errcode
    assert platform.calls(TEMPLATE) == []


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_a_refused_token_is_replaced_once(platform: Platform, errcode: int) -> None:
    platform.fault(TEMPLATE, "errcode", errcode=errcode, times=0)
    with pytest.raises(refusals.TokenRefused) as refused:
        template(platform.oa_appid)
    assert refused.value.code == errcode
    assert len(platform.calls(TEMPLATE)) == 2
    assert len({call["query"] for call in platform.calls(TEMPLATE)}) == 2, "the second went with another token"


def test_each_account_has_its_own_token(platform: Platform) -> None:
    for appid, send in ((platform.oa_appid, template), (platform.appid, subscription)):
        with pytest.raises(refusals.NotSent):
            send(appid)
    kept = {appid: redis_client().get(tokens._name(appid)) for appid in (platform.oa_appid, platform.appid)}
    assert None not in kept.values()
    assert len(set(kept.values())) == 2


def subscription(appid: str) -> miniprogram.Accepted:
    return miniprogram.send_subscription(appid, openid="o" * 28, template_id="t" * 43, data={"thing1": "一"})


def test_an_account_that_is_none_or_of_the_other_kind_sends_nothing(platform: Platform) -> None:
    for appid, send in ((platform.appid, template), (platform.oa_appid, subscription), ("wx0", template)):
        with pytest.raises(refusals.AccountRefused):
            send(appid)


def test_without_redis_nothing_is_sent_and_nothing_else_is_raised(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "client", lambda: redis_client().from_url("redis://127.0.0.1:1"))
    with pytest.raises(refusals.Busy):
        template(platform.oa_appid)


class _Odd(BaseHTTPRequestHandler):
    """A server whose behaviour a test sets: the bytes that it answers, and whether it hangs up."""

    protocol_version = "HTTP/1.1"
    answer = b""
    connections: ClassVar[set[Any]] = set()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        _Odd.connections.add(self.client_address)
        self.wfile.write(_Odd.answer)
        self.close_connection = b"keep" not in _Odd.answer

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def odd() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Odd)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    _Odd.connections = set()
    base = f"http://127.0.0.1:{server.server_port}"
    yield base
    for connection, _ in transport._origin(base).idle:
        connection.close()
    server.shutdown()
    server.server_close()


OK = b'{"errcode":0}'


@pytest.mark.parametrize(
    ("answer", "connections"),
    [
        (b"HTTP/1.1 200 OK\r\nX: keep\r\nContent-Length: 13\r\n\r\n" + OK, 1),
        (
            b'HTTP/1.1 200 OK\r\nX: keep\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n{"errc\r\n7\r\node":0}\r\n0\r\n\r\n',
            1,
        ),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 13\r\n\r\n" + OK, 3),
        (b"HTTP/1.0 200 OK\r\n\r\n" + OK, 3),
    ],
    ids=["length", "chunked", "closed", "until the end"],
)
def test_our_own_connections_read_every_kind_of_answer(odd: str, answer: bytes, connections: int) -> None:
    _Odd.answer = answer
    for _ in range(3):
        assert transport.post(odd, "/x", b"{}") == (200, OK)
    assert len(_Odd.connections) == connections


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9",
    ],
)
def test_our_own_connections_say_when_an_answer_is_lost(odd: str, answer: bytes) -> None:
    _Odd.answer = answer
    with pytest.raises(transport.Unanswered):
        transport.post(odd, "/x", b"{}")


def test_an_answer_that_never_comes_is_lost_in_time(odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "ANSWER_SECONDS", 0.2)
    _Odd.answer = b"HTTP/1.1 200 OK\r\nX: keep\r\nContent-Length: 99\r\n\r\n{"
    with pytest.raises(transport.Unanswered):
        transport.post(odd, "/x", b"{}")


def test_a_server_that_is_not_there_was_never_asked() -> None:
    with pytest.raises(transport.Unconnected):
        transport.post("http://127.0.0.1:1", "/x", b"{}")


def test_a_connection_closed_while_idle_is_not_used_again(odd: str) -> None:
    """The server closes without having said so: a request into the dead connection would be in doubt."""
    _Odd.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n" + OK
    for _ in range(5):
        assert transport.post(odd, "/x", b"{}") == (200, OK)
        threading.Event().wait(0.05)
