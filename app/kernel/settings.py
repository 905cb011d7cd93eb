"""What the environment decides. Secrets enter here and nowhere else."""

import base64
import binascii
import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass, field


class SettingsError(Exception):
    """The environment lacks something, or holds something unusable; the message says which variable and what to set."""


@dataclass(frozen=True)
class Settings:
    """One immutable picture of the environment. Keys are raw bytes; addresses have no trailing slash."""

    environment: str
    database_url: str
    redis_url: str
    seal_key: bytes = field(repr=False)
    index_key: bytes = field(repr=False)
    data_keys: Mapping[str, bytes] = field(repr=False)
    wechat_api_base: str
    miniprogram_appid: str
    miniprogram_secret: str = field(repr=False)
    shop_secrets: Mapping[str, str] = field(repr=False)
    test_clock: bool = False
    demo: bool = False
    pool_size: int = 16

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def current_data_key(self) -> str:
        """The id of the key that encrypts from now on: the first one named."""
        return next(iter(self.data_keys))


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise SettingsError(f"{name} is not set; `make run` sets it, production takes it from its own environment")
    return value


def _key(text: str, name: str, size: int) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise SettingsError(f"{name} is not base64") from error
    if len(key) != size:
        raise SettingsError(f"{name} must be {size} bytes in base64, it has {len(key)}")
    return key


def _pairs(text: str, name: str) -> dict[str, str]:
    pairs = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        key, colon, value = item.partition(":")
        if not (key and colon and value):
            raise SettingsError(f"{name} must look like name:value,name:value")
        pairs[key] = value
    return pairs


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings from `environ`. Raises SettingsError with the variable's name."""
    environment = environ.get("GUIYI_ENV", "development")
    if environment not in {"development", "test", "production"}:
        raise SettingsError("GUIYI_ENV must be development, test or production")
    data_keys = {
        name: _key(value, "GUIYI_DATA_KEYS", 32)
        for name, value in _pairs(_required(environ, "GUIYI_DATA_KEYS"), "GUIYI_DATA_KEYS").items()
    }
    test_clock = environ.get("GUIYI_TEST_CLOCK", "") == "1"
    if environment == "production" and test_clock:
        raise SettingsError("GUIYI_TEST_CLOCK must not be set in production: nobody moves the time there")
    demo = environ.get("GUIYI_DEMO", "") == "1"
    if environment == "production" and demo:
        raise SettingsError("GUIYI_DEMO must not be set in production: it lets anybody sign in as anybody")
    return Settings(
        environment=environment,
        database_url=_required(environ, "DATABASE_URL").replace("postgresql://", "postgresql+psycopg://", 1),
        redis_url=_required(environ, "REDIS_URL"),
        seal_key=_key(_required(environ, "GUIYI_SEAL_KEY"), "GUIYI_SEAL_KEY", 16),
        index_key=_key(_required(environ, "GUIYI_INDEX_KEY"), "GUIYI_INDEX_KEY", 32),
        data_keys=data_keys,
        wechat_api_base=environ.get("WECHAT_API_BASE", "https://api.weixin.qq.com").rstrip("/"),
        miniprogram_appid=_required(environ, "MINIPROGRAM_APPID"),
        miniprogram_secret=_required(environ, "MINIPROGRAM_SECRET"),
        shop_secrets=_pairs(environ.get("OPEN_API_SECRETS", ""), "OPEN_API_SECRETS"),
        test_clock=test_clock,
        demo=demo,
        pool_size=int(environ.get("GUIYI_POOL_SIZE", "16")),
    )


@functools.cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return read_settings(os.environ)
