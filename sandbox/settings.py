"""What can be set before the sandbox starts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox import demo


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
    callback_url: str = demo.CALLBACK_URL
    state_file: str | None = None
    clock_offset: float = 0.0

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
        callback_url=env.get("SANDBOX_CALLBACK_URL", demo.CALLBACK_URL),
        state_file=env.get("SANDBOX_STATE") or None,
        clock_offset=float(env.get("SANDBOX_CLOCK_OFFSET", "0")),
    )
