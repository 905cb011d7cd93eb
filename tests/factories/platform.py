"""The simulated WeChat platform: people in it act, the product calls it through its own gateway."""

from typing import Any

from app.gateways import miniprogram
from app.kernel.settings import settings
from sandbox import InProcessAdapter, Settings, create_app


class Platform:
    """One fresh world, mounted in place of the platform's address."""

    def __init__(self) -> None:
        here = settings()
        app = create_app(Settings(appid=here.miniprogram_appid, secret=here.miniprogram_secret))
        miniprogram.http().mount(f"{here.wechat_api_base}/", InProcessAdapter(app))
        self.http = app.test_client(use_cookies=False)
        self.appid = here.miniprogram_appid

    def world(self, path: str, /, **body: Any) -> Any:
        """An order to the world."""
        answer = self.http.post(f"/_world/{path}", json=body)
        assert answer.status_code < 300, answer.get_data(as_text=True)
        return answer.get_json()

    def person(self, **body: Any) -> Any:
        """A new person: person_id, openid, unionid, phone."""
        return self.world("people", **body)

    def opens(self, person: Any, **more: Any) -> str:
        """The person opens the mini-program: a login code."""
        return str(self.world(f"people/{person['person_id']}/open", **more)["code"])

    def presses_phone_button(self, person: Any, **more: Any) -> str:
        """The person picks their number: a phone code."""
        return str(self.world(f"people/{person['person_id']}/phone", **more)["code"])

    def fault(self, path: str, kind: str, **more: Any) -> None:
        """Misbehaviour for the next call of a path."""
        self.world("faults", path=path, kind=kind, **more)

    def calls(self, path: str) -> list[Any]:
        """What the product asked at a path, oldest first."""
        rows = self.http.get("/_world/log", query_string={"path": path, "limit": "1000"}).get_json()["calls"]
        return list(reversed(rows))
