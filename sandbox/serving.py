"""The sandbox's HTTP server: werkzeug's, one thread for each connection, with a reader of requests that is lean enough
for a hundred thousand sends."""

import io
from typing import Any
from urllib.parse import unquote

from werkzeug.http import http_date
from werkzeug.serving import DechunkedInput, WSGIRequestHandler

LONGEST_LINE = 65_536
LARGEST_BODY = 32 * 1024 * 1024
MOST_HEADERS = 200
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class BadRequest(ValueError):
    """What came in is no HTTP."""


class Handler(WSGIRequestHandler):
    """Kept connections, one write for each answer, no line per request: calls are in the sandbox's log (/_world/log)."""

    disable_nagle_algorithm = True
    wbufsize = -1

    def handle_one_request(self) -> None:
        self.close_connection = True
        try:
            line = self.rfile.readline(LONGEST_LINE)
            if not line.strip():
                return
            self._answer(line)
            self.wfile.flush()
        except BadRequest:
            self.wfile.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            self.close_connection = True
        except OSError:
            self.close_connection = True

    def _answer(self, line: bytes) -> None:
        try:
            method, target, version = line.decode("latin-1").split()
        except ValueError:
            raise BadRequest("request line") from None
        environ = self._environ(method, target=target, version=version)
        kept = environ.get("HTTP_CONNECTION", "").lower()
        keep = kept != "close" if version == "HTTP/1.1" else kept == "keep-alive"
        said: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], problem: Any = None) -> Any:
            said[:] = [status, headers]
            return None

        found = self.server.app(environ, start_response)
        try:
            body = b"".join(found)
        finally:
            if hasattr(found, "close"):
                found.close()
        self._write(said[0], headers=said[1], body=body, bare=method == "HEAD", keep=keep)
        environ["wsgi.input"].read()
        self.close_connection = not keep

    def _write(self, status: str, *, headers: list[tuple[str, str]], body: bytes, bare: bool, keep: bool) -> None:
        lines = [f"HTTP/1.1 {status}"]
        lines += [f"{name}: {value}" for name, value in headers if name.lower() != "content-length"]
        if not status.startswith(("204", "304")):
            lines.append(f"Content-Length: {len(body)}")
        lines.append(f"Date: {http_date()}")
        lines.append("Connection: keep-alive" if keep else "Connection: close")
        self.wfile.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (b"" if bare else body))

    def _environ(self, method: str, *, target: str, version: str) -> dict[str, Any]:
        path, _, query = target.partition("?")
        if "://" in path:
            path = "/" + path.partition("://")[2].partition("/")[2]
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(path, "latin-1"),
            "QUERY_STRING": query,
            "SERVER_PROTOCOL": version,
            "SERVER_NAME": self.server.server_address[0],
            "SERVER_PORT": str(self.server.server_address[1]),
            "REMOTE_ADDR": self.client_address[0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "wsgi.errors": io.StringIO(),
            "werkzeug.socket": self.connection,
        }
        self._read_headers(environ)
        if environ.get("HTTP_EXPECT", "").lower() == "100-continue":
            self.connection.sendall(CONTINUE)
        environ["wsgi.input"] = self._body(environ)
        return environ

    def _read_headers(self, environ: dict[str, Any]) -> None:
        for _ in range(MOST_HEADERS):
            line = self.rfile.readline(LONGEST_LINE)
            if line in (b"\r\n", b"\n"):
                return
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon:
                raise BadRequest("header")
            key = name.upper().replace("-", "_")
            if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
                key = f"HTTP_{key}"
            environ[key] = f"{environ[key]},{value.strip()}" if key in environ else value.strip()
        raise BadRequest("too many headers")

    def _body(self, environ: dict[str, Any]) -> Any:
        if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
            environ["wsgi.input_terminated"] = True
            return DechunkedInput(self.rfile)  # type: ignore[arg-type]
        length = environ.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > LARGEST_BODY:
            raise BadRequest("Content-Length")
        return io.BytesIO(self.rfile.read(int(length)))
