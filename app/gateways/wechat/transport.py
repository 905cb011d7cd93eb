"""Connections to the platform, and the one seam where tests mount the sandbox: `http()`.

Sends are many and all alike, and of what requests takes for one of them three quarters go into building the request and
reading headers that nobody asks for. They travel over plain connections of our own, as long as nothing is mounted and no
proxy is asked for; then, and for everything else, it is requests that travels.
"""

import functools
import socket
import ssl
import time
from collections import deque
from typing import Any
from urllib.parse import urlsplit

import httptools
import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.util import wait_for_read

CONNECT_SECONDS, ANSWER_SECONDS = 2.0, 5.0
IDLE_SECONDS = 20.0
LARGEST_ANSWER = 1 << 20
# As many as threads may be sending at the same time; more are closed after use.
KEPT_CONNECTIONS = 256
MEASURES = {b"content-length", b"transfer-encoding"}


class Unconnected(Exception):
    """No connection could be made: nothing was asked."""


class Unanswered(Exception):
    """The request was written, at least in part, and no whole answer came."""


class _Adapter(HTTPAdapter):
    """What is mounted when nobody mounted anything."""


@functools.cache
def http() -> requests.Session:
    """This process's connections to the platform; tests mount the sandbox here."""
    session = requests.Session()
    session.mount("https://", _Adapter(pool_maxsize=KEPT_CONNECTIONS))
    session.mount("http://", _Adapter(pool_maxsize=KEPT_CONNECTIONS))
    return session


def post(base: str, target: str, body: bytes) -> tuple[int, bytes]:
    """POST JSON and give status and body. Raises Unconnected, Unanswered."""
    if not is_direct(base):
        return _by_requests(f"{base}{target}", body)
    return _origin(base).post(target, body)


def is_direct(base: str) -> bool:
    """Whether sends to this address go over connections of our own."""
    return type(http().get_adapter(f"{base}/")) is _Adapter and not _surroundings(base)["proxies"]


@functools.cache
def _surroundings(base: str) -> Any:
    """What the environment wants of connections: proxies, another list of authorities."""
    return http().merge_environment_settings(f"{base}/", {}, None, None, None)


def _by_requests(url: str, body: bytes) -> tuple[int, bytes]:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    try:
        answer = http().post(
            url, data=body, headers=headers, timeout=(CONNECT_SECONDS, ANSWER_SECONDS), allow_redirects=False
        )
    except requests.RequestException as error:
        raise (Unconnected if never_connected(error) else Unanswered)(type(error).__name__) from error
    return answer.status_code, answer.content


def never_connected(error: requests.RequestException) -> bool:
    """Whether requests gave up before anything was written."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError | requests.exceptions.InvalidURL):
        return True
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return type(reason).__name__ in {"NewConnectionError", "NameResolutionError", "ConnectTimeoutError"}


@functools.cache
def _origin(base: str) -> "_Origin":
    return _Origin(base)


class _Answer:
    """What httptools tells of one response; whether the connection goes on it knows only in the moment of its end."""

    def __init__(self) -> None:
        self.parser: Any = httptools.HttpResponseParser(self)
        self.again = False
        self.parts: list[bytes] = []
        self.size = 0
        self.measured = False
        self.whole = False
        self.ends_with_connection = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(name) > 13 and name.lower() in MEASURES:
            self.measured = True

    def on_headers_complete(self) -> None:
        self.ends_with_connection = not self.measured

    def on_body(self, part: bytes) -> None:
        self.size += len(part)
        if self.size > LARGEST_ANSWER:
            raise Unanswered("the answer has no end")
        self.parts.append(part)

    def on_message_complete(self) -> None:
        self.whole = True
        self.again = self.parser.should_keep_alive()


class _Origin:
    """Kept connections to one address, the last used first; shared by all threads."""

    def __init__(self, base: str) -> None:
        at = urlsplit(base)
        self.host, self.prefix = at.hostname or "", at.path
        self.port = at.port or (443 if at.scheme == "https" else 80)
        trusted = _surroundings(base)["verify"]
        authorities = trusted if isinstance(trusted, str) else DEFAULT_CA_BUNDLE_PATH
        self.tls = ssl.create_default_context(cafile=authorities) if at.scheme == "https" else None
        self.head = (
            f" HTTP/1.1\r\nHost: {at.netloc}\r\nAccept: application/json\r\n"
            "Content-Type: application/json; charset=utf-8\r\nContent-Length: "
        )
        self.idle: deque[tuple[socket.socket, float]] = deque()

    def post(self, target: str, body: bytes) -> tuple[int, bytes]:
        connection = self._kept() or self._new()
        head = f"POST {self.prefix}{target}{self.head}{len(body)}\r\n\r\n"
        try:
            connection.sendall(head.encode("latin-1") + body)
            status, found, again = _receive(connection)
        except (OSError, httptools.HttpParserError) as error:
            connection.close()
            raise Unanswered(type(error).__name__) from error
        except BaseException:
            connection.close()
            raise
        if again and len(self.idle) < KEPT_CONNECTIONS:
            self.idle.append((connection, time.monotonic()))
        else:
            connection.close()
        return status, found

    def _kept(self) -> socket.socket | None:
        while self.idle:
            try:
                connection, since = self.idle.pop()
            except IndexError:
                break
            # Readable while idle: the other side has closed it, or says what nobody asked.
            if time.monotonic() - since < IDLE_SECONDS and not wait_for_read(connection, 0):
                return connection
            connection.close()
        return None

    def _new(self) -> socket.socket:
        try:
            connection = socket.create_connection((self.host, self.port), CONNECT_SECONDS)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_hostname=self.host)
        except OSError as error:
            raise Unconnected(type(error).__name__) from error
        connection.settimeout(ANSWER_SECONDS)
        return connection


def _receive(connection: socket.socket) -> tuple[int, bytes, bool]:
    """Status, body, and whether the connection may be used again."""
    answer = _Answer()
    until = time.monotonic() + ANSWER_SECONDS
    try:
        while not answer.whole:
            part = connection.recv(65536)
            if not part and answer.ends_with_connection:
                break
            if not part:
                raise ConnectionError("closed before the answer was whole")
            answer.parser.feed_data(part)
            if time.monotonic() > until:
                raise TimeoutError
        return answer.parser.get_status_code(), b"".join(answer.parts), answer.again
    finally:
        answer.parser = None  # the two hold each other, and the collector of cycles has better things to do
