"""The official clients of texts and calls, pointed at a sandbox that really listens, and an address that takes reports."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from alibabacloud_dysmsapi20170525 import models as sms_models
from alibabacloud_dysmsapi20170525.client import Client as SmsClient
from alibabacloud_dyvmsapi20170525 import models as voice_models
from alibabacloud_dyvmsapi20170525.client import Client as VoiceClient
from alibabacloud_tea_openapi.utils_models import Config
from flask import Flask
from werkzeug.serving import make_server

from sandbox import demo_telecom

PHONE = "13900001111"


@contextmanager
def listening(app: Flask) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()


@dataclass
class Cloud:
    """Both clients with one key."""

    port: int
    key_id: str = demo_telecom.ACCESS_KEY_ID
    secret: str = demo_telecom.ACCESS_KEY_SECRET

    def _config(self) -> Config:
        return Config(
            access_key_id=self.key_id,
            access_key_secret=self.secret,
            endpoint=f"127.0.0.1:{self.port}",
            protocol="http",
        )

    def sms(self) -> SmsClient:
        return SmsClient(self._config())

    def send(self, **more: Any) -> Any:
        values = more.pop("values", {"points": "120", "date": "2026年12月31日"})
        fields = {
            "phone_numbers": PHONE,
            "sign_name": demo_telecom.SIGN,
            "template_code": "SMS_100000004",
            "template_param": json.dumps(values, ensure_ascii=False),
            **more,
        }
        return self.sms().send_sms(sms_models.SendSmsRequest(**fields)).body

    def details(self, day: str, *, phone: str = PHONE) -> Any:
        request = sms_models.QuerySendDetailsRequest(phone_number=phone, send_date=day, page_size=50, current_page=1)
        return self.sms().query_send_details(request).body.sms_send_detail_dtos.sms_send_detail_dto

    def call(self, **more: Any) -> Any:
        fields = {
            "called_number": PHONE,
            "tts_code": "TTS_100000002",
            "tts_param": json.dumps({"brand": "归一", "words": "您预约的护理明天十点开始"}, ensure_ascii=False),
            **more,
        }
        return VoiceClient(self._config()).single_call_by_tts(voice_models.SingleCallByTtsRequest(**fields)).body


@dataclass
class Inbox:
    """What a product's address was sent; `status` is what it answers."""

    url: str
    posts: list[Any] = field(default_factory=list)
    status: int = 200

    @property
    def rows(self) -> list[Any]:
        return [row for post in self.posts for row in post]


@contextmanager
def inbox() -> Iterator[Inbox]:
    found = Inbox(url="")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.posts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            body = json.dumps({"code": 0, "msg": "接收成功"}).encode()
            self.send_response(found.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/reports"
    yield found
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()


def soon(happened: Callable[[], Any], *, seconds: float = 5.0) -> Any:
    """What `happened` gives once it gives something."""
    done = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if found := happened():
            return found
        done.wait(0.02)
    raise AssertionError("it did not happen")
