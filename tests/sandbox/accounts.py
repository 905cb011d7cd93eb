"""A product behind an account: keeps the pushes that reach it, and answers as it is told."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

from sandbox import demo
from tests.sandbox.playing import Platform

ADDRESS = "http://product.test/oa/v1/callbacks/"
Answer = Callable[["Arrived"], bytes]


class Arrived:
    """One delivery as the product's server sees it."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self.query = {key: values[0] for key, values in parse_qs(environ["QUERY_STRING"]).items()}
        self.body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
        self.content_type = environ.get("CONTENT_TYPE", "")
        self.path = environ["PATH_INFO"]


class Product:
    """A WSGI app. `answers` are given one after another, the last one for ever; a number is an HTTP status."""

    def __init__(self) -> None:
        self.arrived: list[Arrived] = []
        self.answers: list[bytes | int | Answer] = [b"success"]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        arrived = Arrived(environ)
        self.arrived.append(arrived)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        status = answer if isinstance(answer, int) else 200
        start_response(f"{status} whatever", [("Content-Type", "text/xml")])
        if isinstance(answer, int):
            return iter([b"trouble"])
        return iter([answer if isinstance(answer, bytes) else answer(arrived)])


class Account:
    """The demo account with a product mounted behind it, and one person."""

    def __init__(self, platform: Platform, *, mode: str = "plain", appid: str = demo.OA_APPID, **settings: Any) -> None:
        self.platform, self.appid = platform, appid
        self.product = Product()
        platform.app.extensions["courier"].mount("http://product.test/", self.product)
        self.app = platform.world(f"apps/{appid}", callback_url=ADDRESS + appid, push_mode=mode, **settings)
        self.person = platform.person()
        self.openid = str(self.person["openids"][appid])

    def act(self, name: str, /, **body: Any) -> Any:
        """The person acts, and what was pushed is delivered."""
        answer = self.quietly(name, **body)
        self.drain()
        return answer

    def quietly(self, name: str, /, **body: Any) -> Any:
        """The person acts; nothing is delivered yet."""
        path = f"/_world/people/{self.person['person_id']}/{name}"
        answer = self.platform.http.post(path, json={"appid": self.appid, **body})
        assert answer.status_code == 200, answer.json
        return answer.json

    def drain(self, **body: Any) -> int:
        return int(self.platform.world("pushes/drain", **body)["deliveries"])

    def post(self, path: str, body: Any) -> Any:
        """A call by this account's server."""
        self.platform.appid = self.appid
        self.platform.secret = demo.OA_SECRET if self.appid == demo.OA_APPID else demo.SECRET
        return self.platform.post(path, body)

    def last(self) -> Arrived:
        return self.product.arrived[-1]

    def pushes(self, **query: str) -> list[Any]:
        return list(self.platform.http.get("/_world/pushes", query_string=query).json["pushes"])

    def chat(self) -> list[Any]:
        query = {"appid": self.appid}
        return list(
            self.platform.http.get(f"/_world/people/{self.person['person_id']}/chat", query_string=query).json["chat"]
        )

    def received(self, **query: str) -> Any:
        """The counters of this person, {} when nothing arrived."""
        found = self.platform.http.get("/_world/received", query_string={"appid": self.appid, **query}).json
        return found["received"].get(self.openid, {})
