"""Mounts a WSGI app into a requests session, so that a client under test talks to the sandbox without a port."""

import io
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import Flask
from requests.adapters import BaseAdapter
from requests.utils import get_encoding_from_headers

from sandbox.platform.http import LOST


class InProcessAdapter(BaseAdapter):
    """`session.mount("https://api.weixin.qq.com/", InProcessAdapter(create_app()))`. May be shared by threads.
    Lost answers and answers slower than the caller's time-out raise what requests would raise."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self._app = app

    def send(  # type: ignore[override]
        self, request: requests.PreparedRequest, *args: Any, timeout: Any = None, **kwargs: Any
    ) -> requests.Response:
        started = time.monotonic()
        url = urlsplit(request.url or "")
        answer = self._app.test_client(use_cookies=False).open(
            str(url.path),
            method=request.method,
            query_string=str(url.query),
            data=_body(request.body),
            headers=list(request.headers.items()),
            base_url=f"{url.scheme!s}://{url.netloc!s}",
        )
        allowed = timeout[1] if isinstance(timeout, tuple) else timeout
        late = allowed is not None and time.monotonic() - started > float(allowed)
        if late or answer.headers.get(LOST) == "timeout":
            raise requests.ReadTimeout("the sandbox did not answer in time", request=request)
        if answer.headers.get(LOST):
            raise requests.ConnectionError("the sandbox dropped the connection", request=request)
        return _response(request, status=answer.status_code, headers=dict(answer.headers), content=answer.data)

    def close(self) -> None:
        """Nothing is held open."""


def _body(body: Any) -> bytes:
    if body is None:
        return b""
    if hasattr(body, "read"):
        return bytes(body.read())
    return body.encode() if isinstance(body, str) else bytes(body)


def _response(
    request: requests.PreparedRequest, *, status: int, headers: Mapping[str, str], content: bytes
) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.url = request.url or ""
    response.request = request
    response.headers.update(headers)
    response.encoding = get_encoding_from_headers(response.headers)
    response.raw = io.BytesIO(content)
    response._content = content
    return response
