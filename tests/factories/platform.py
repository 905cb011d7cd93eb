"""The simulated WeChat platform: people in it act, the product calls it through its own gateway."""

from typing import Any

from app.gateways import miniprogram
from app.kernel.settings import settings
from sandbox import InProcessAdapter, Settings, create_app
from sandbox.telecom_settings import TelecomSettings


class Platform:
    """One fresh world, mounted in place of the platform's address."""

    def __init__(self) -> None:
        here = settings()
        miniprogram_account = here.wechat_accounts[here.miniprogram_appid]
        account = next(one for one in here.wechat_accounts.values() if one.kind == "official_account")
        app = create_app(
            Settings(
                appid=miniprogram_account.appid,
                secret=miniprogram_account.secret,
                push_token=miniprogram_account.push_token,
                push_aes_key=miniprogram_account.push_keys[0],
                oa_appid=account.appid,
                oa_secret=account.secret,
                oa_token=account.push_token,
                oa_aes_key=account.push_keys[0],
                telecom=TelecomSettings(key_id=here.sms.key_id, key_secret=here.sms.key_secret),
            )
        )
        for base in {here.wechat_api_base, here.wechat_mp_base, here.sms.base, here.voice.base}:
            miniprogram.http().mount(f"{base}/", InProcessAdapter(app))
        self.app = app
        self.http = app.test_client(use_cookies=False)
        self.appid = here.miniprogram_appid
        self.oa_appid = account.appid

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
