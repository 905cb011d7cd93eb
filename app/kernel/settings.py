"""What the environment decides. Secrets enter here and nowhere else."""

import base64
import binascii
import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

AccountKind = Literal["official_account", "miniprogram"]
AES_KEY_LETTERS = 43
ALIBABA_SMS, ALIBABA_VOICE = "https://dysmsapi.aliyuncs.com", "https://dyvmsapi.aliyuncs.com"


class SettingsError(Exception):
    """The environment lacks something, or holds something unusable; the message says which variable and what to set."""


@dataclass(frozen=True)
class WeChatAccount:
    """One official account or mini-program of the brand.

    `push_keys` are EncodingAESKeys as the platform shows them (43 letters), the current one first; with `push_token` empty
    the account receives no pushes.
    """

    appid: str
    kind: AccountKind
    secret: str = field(repr=False)
    push_token: str = field(default="", repr=False)
    push_keys: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class CloudAccess:
    """A provider of text messages or calls: its address, our key pair, and the name or number that people see."""

    base: str
    key_id: str
    key_secret: str = field(repr=False)
    shown_as: str = ""


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
    wechat_accounts: Mapping[str, WeChatAccount]
    wechat_open_base: str
    wechat_mp_base: str
    sms: CloudAccess
    voice: CloudAccess
    telecom_push_key: str = field(repr=False)
    public_base: str
    shop_secrets: Mapping[str, str] = field(repr=False)
    test_clock: bool = False
    demo: bool = False
    failpoint: str = ""
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


def _push_settings(text: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    found = {}
    for appid, value in _pairs(text, "WECHAT_PUSH").items():
        token, *keys = value.split("/")
        if not token or any(len(key) != AES_KEY_LETTERS or not key.isalnum() for key in keys):
            raise SettingsError(f"WECHAT_PUSH of {appid} must look like token/key[/former-key], keys of 43 letters")
        found[appid] = (token, tuple(keys))
    return found


def _wechat_accounts(environ: Mapping[str, str]) -> dict[str, WeChatAccount]:
    """Every account by appid: the first mini-program, then the further ones, then the official accounts."""
    first = {_required(environ, "MINIPROGRAM_APPID"): _required(environ, "MINIPROGRAM_SECRET")}
    miniprograms = first | _pairs(environ.get("MINIPROGRAMS", ""), "MINIPROGRAMS")
    official = _pairs(environ.get("OFFICIAL_ACCOUNTS", ""), "OFFICIAL_ACCOUNTS")
    pushes = _push_settings(environ.get("WECHAT_PUSH", ""))
    if twice := miniprograms.keys() & official.keys():
        raise SettingsError(f"OFFICIAL_ACCOUNTS names a mini-program: {', '.join(sorted(twice))}")
    if unknown := pushes.keys() - miniprograms.keys() - official.keys():
        raise SettingsError(f"WECHAT_PUSH names an account that is in no other variable: {', '.join(sorted(unknown))}")
    kinds: dict[AccountKind, dict[str, str]] = {"miniprogram": miniprograms, "official_account": official}
    return {
        appid: WeChatAccount(appid, kind, secret, *pushes.get(appid, ("", ())))
        for kind, pairs in kinds.items()
        for appid, secret in pairs.items()
    }


def _cloud(environ: Mapping[str, str], name: str, base: str, shown: str) -> CloudAccess:
    """What a cloud provider wants. Without a key nothing is sent through it."""
    key_id, colon, secret = environ.get(f"{name}_ACCESS_KEY", "").partition(":")
    if key_id and not (colon and secret):
        raise SettingsError(f"{name}_ACCESS_KEY must look like id:secret")
    base = environ.get(f"{name}_API_BASE", base).rstrip("/")
    return CloudAccess(base, key_id, secret, environ.get(shown, ""))


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings from `environ`. Raises SettingsError with the variable's name."""
    environment = environ.get("GUIYI_ENV", "development")
    if environment not in {"development", "test", "production"}:
        raise SettingsError("GUIYI_ENV must be development, test or production")
    failpoint = environ.get("GUIYI_FAILPOINT", "")
    if environment == "production" and failpoint:
        raise SettingsError("GUIYI_FAILPOINT must not be set in production: it kills the process")
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
        wechat_accounts=_wechat_accounts(environ),
        wechat_open_base=environ.get("WECHAT_OPEN_BASE", "https://open.weixin.qq.com").rstrip("/"),
        wechat_mp_base=environ.get("WECHAT_MP_BASE", "https://mp.weixin.qq.com").rstrip("/"),
        sms=_cloud(environ, "SMS", ALIBABA_SMS, "SMS_SIGN"),
        voice=_cloud(environ, "VOICE", ALIBABA_VOICE, "VOICE_SHOWN_NUMBER"),
        telecom_push_key=environ.get("TELECOM_PUSH_KEY", ""),
        public_base=environ.get("GUIYI_PUBLIC_BASE", "").rstrip("/"),
        shop_secrets=_pairs(environ.get("OPEN_API_SECRETS", ""), "OPEN_API_SECRETS"),
        test_clock=test_clock,
        demo=demo,
        failpoint=failpoint,
        pool_size=int(environ.get("GUIYI_POOL_SIZE", "16")),
    )


@functools.cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return read_settings(os.environ)
