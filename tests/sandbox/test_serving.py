"""The sandbox's own reader of HTTP: kept connections, odd requests, answers that break off."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator

import pytest
import requests
from werkzeug.serving import make_server

from sandbox import Settings, create_app
from sandbox.serving import Handler


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = make_server("127.0.0.1", 0, create_app(Settings()), threaded=True, request_handler=Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def raw(port: int, text: bytes) -> bytes:
    """What comes back until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(text)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_many_calls_over_one_connection(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    for number in range(5):
        body = json.dumps({"name": f"人{number}"}, ensure_ascii=False).encode()
        connection.request("POST", "/_world/people", body=body)
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["name"]) == (201, f"人{number}")
        connection.request("GET", "/cgi-bin/token?grant_type=client_credential&appid=%E4%BD%A0")
        assert json.loads(connection.getresponse().read())["errcode"] == 41004
    connection.close()


def test_two_requests_in_one_packet_are_both_answered(port: int) -> None:
    text = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert raw(port, text).count(b'{"ok":true}') == 2


def test_a_chunked_body_is_read(port: int) -> None:
    answer = requests.post(f"http://127.0.0.1:{port}/_world/people", data=iter([b'{"na', b'me":"x"}']), timeout=5)
    assert answer.json()["name"] == "x"


def test_a_body_may_be_announced_first(port: int) -> None:
    head = b"POST /_world/people HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"
    found = raw(port, head + b"{}")
    assert found.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201")


@pytest.mark.parametrize(
    "text", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"]
)
def test_what_is_no_http_is_400(port: int, text: bytes) -> None:
    assert raw(port, text).startswith(b"HTTP/1.1 400 ")


def test_old_clients_and_heads(port: int) -> None:
    assert raw(port, b"GET /healthz HTTP/1.0\r\n\r\n").endswith(b'{"ok":true}\n')
    found = raw(port, b"HEAD /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert found.endswith(b"\r\n\r\n")
    assert b"Content-Length: " in found


def test_a_body_that_is_too_large_is_refused(port: int) -> None:
    answer = requests.post(f"http://127.0.0.1:{port}/cgi-bin/stable_token", data=b"x" * (5 * 1024 * 1024), timeout=10)
    assert answer.status_code == 413
