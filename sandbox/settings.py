"""What can be set before the sandbox starts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox import demo
from sandbox.telecom_settings import TelecomSettings


class RefusedToStart(RuntimeError):
    """The sandbox was asked to run where only the real platform may answer."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Start-up choices; everything that may change while it runs is a switch of the world instead."""

    environment: str = "development"
    host: str = "127.0.0.1"
    port: int = 8101
    appid: str = demo.APPID
    secret: str = demo.SECRET
    pages: tuple[str, ...] = demo.PAGES
    callback_url: str = ""
    push_token: str = demo.PUSH_TOKEN
    push_aes_key: str = demo.PUSH_AES_KEY
    oa_appid: str = demo.OA_APPID
    oa_secret: str = demo.OA_SECRET
    oa_token: str = demo.OA_TOKEN
    oa_aes_key: str = demo.OA_AES_KEY
    oa_callback_url: str = ""
    state_file: str | None = None
    clock_offset: float = 0.0
    telecom: TelecomSettings = field(default_factory=TelecomSettings)

    def refuse_production(self) -> None:
        """Raises RefusedToStart in production settings: a simulator must never stand in for the platform there."""
        if self.environment.strip().lower() in {"production", "prod"}:
            raise RefusedToStart("GUIYI_ENV is production: the sandbox does not start in production settings.")


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from GUIYI_ENV and the SANDBOX_* variables; absent ones keep their defaults."""
    env = os.environ if environ is None else environ
    pages = tuple(page.strip().lstrip("/") for page in env.get("SANDBOX_PAGES", "").split(",") if page.strip())
    return Settings(
        environment=env.get("GUIYI_ENV", "development"),
        host=env.get("SANDBOX_HOST", "127.0.0.1"),
        port=int(env.get("SANDBOX_PORT", "8101")),
        appid=env.get("SANDBOX_APPID", demo.APPID),
        secret=env.get("SANDBOX_SECRET", demo.SECRET),
        pages=pages or demo.PAGES,
        callback_url=env.get("SANDBOX_CALLBACK_URL", ""),
        push_token=env.get("SANDBOX_PUSH_TOKEN", demo.PUSH_TOKEN),
        push_aes_key=env.get("SANDBOX_PUSH_AES_KEY", demo.PUSH_AES_KEY),
        oa_appid=env.get("SANDBOX_OA_APPID", demo.OA_APPID),
        oa_secret=env.get("SANDBOX_OA_SECRET", demo.OA_SECRET),
        oa_token=env.get("SANDBOX_OA_TOKEN", demo.OA_TOKEN),
        oa_aes_key=env.get("SANDBOX_OA_AES_KEY", demo.OA_AES_KEY),
        oa_callback_url=env.get("SANDBOX_OA_CALLBACK_URL", ""),
        state_file=env.get("SANDBOX_STATE") or None,
        clock_offset=float(env.get("SANDBOX_CLOCK_OFFSET", "0")),
        telecom=TelecomSettings.from_environment(env),
    )
