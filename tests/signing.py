"""Signs requests as docs/open-api.md tells shops to: written from that page, not from the product's own words."""

import hashlib
import hmac
import io
import itertools
import time
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.wrappers import Request

_nonces = itertools.count(1)


def signed_headers(
    method: str, target: str, body: bytes = b"", *, key: str = "demo-shop", secret: str = "shop-secret", at: float = 0
) -> dict[str, str]:
    """The headers of one signed request. `target`: the path before percent-encoding, then ? and the query as sent."""
    timestamp, nonce = str(int(at or time.time())), f"nonce-{time.time_ns()}-{next(_nonces):06}"
    lines = [method, target, timestamp, nonce, hashlib.sha256(body).hexdigest()]
    return {
        "X-Guiyi-Key": key,
        "X-Guiyi-Timestamp": timestamp,
        "X-Guiyi-Nonce": nonce,
        "X-Guiyi-Signature": hmac.new(secret.encode(), "\n".join(lines).encode(), "sha256").hexdigest(),
    }


class Signing:
    """A WSGI application that signs whatever goes to the machines' door, as the last thing before it is sent."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Sign and pass on."""
        request = Request(environ)
        if request.path.startswith("/open/"):
            body, query = request.get_data(), request.query_string.decode("latin-1")
            environ["wsgi.input"] = io.BytesIO(body)
            target = f"{request.path}?{query}" if query else request.path
            for name, value in signed_headers(request.method, target, body).items():
                environ["HTTP_" + name.upper().replace("-", "_")] = value
        return self.application(environ, start_response)
