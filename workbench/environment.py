"""What the programs of `make run` find in their environment: addresses of local servers, ports, and secrets made once."""

import base64
import contextlib
import json
import os
import secrets
from pathlib import Path

from workbench import home
from workbench.postgres import Postgres, ensure_database, start_postgres
from workbench.services import DATA
from workbench.valkey import Valkey, start_valkey

DATABASE = "guiyi"
PORTS = {"web": 8100, "sandbox": 8101}
VARIABLES = {"web": "GUIYI_PORT", "sandbox": "SANDBOX_PORT"}
STEP = 10


def _key(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode()


def _push_key() -> str:
    """An EncodingAESKey: 32 bytes in base64 without the last sign, letters and digits only, as the platform makes them."""
    while not (key := _key(32)[:-1]).isalnum():
        pass
    return key


def kept_secrets(folder: Path = DATA) -> dict[str, str]:
    """The secrets of this machine's demo, made at the first asking, readable by their owner alone.

    Keys that a later version asks for are added; what is there is never changed: it opens what is stored.
    """
    note = folder / "secrets.env"
    found = dict(line.split("=", 1) for line in note.read_text().splitlines() if "=" in line) if note.exists() else {}
    fresh = {
        "GUIYI_SEAL_KEY": _key(16),
        "GUIYI_INDEX_KEY": _key(32),
        "GUIYI_DATA_KEYS": f"k1:{_key(32)}",
        "MINIPROGRAM_APPID": f"wx{secrets.token_hex(8)}",
        "MINIPROGRAM_SECRET": secrets.token_hex(16),
        "OFFICIAL_ACCOUNTS": f"wx{secrets.token_hex(8)}:{secrets.token_hex(16)}",
        "SANDBOX_OA_TOKEN": secrets.token_hex(12),
        "SANDBOX_OA_AES_KEY": _push_key(),
        "SANDBOX_PUSH_TOKEN": secrets.token_hex(12),
        "SANDBOX_PUSH_AES_KEY": _push_key(),
        "SMS_ACCESS_KEY": f"sandbox-{secrets.token_hex(6)}:{secrets.token_hex(15)}",
        "TELECOM_PUSH_KEY": secrets.token_hex(16),
        "OPEN_API_SECRETS": f"demo-shop:{secrets.token_hex(16)},demo-pos:{secrets.token_hex(16)}",
    }
    whole = fresh | found
    if whole != found:
        folder.mkdir(parents=True, exist_ok=True)
        half = note.with_suffix(".half")
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
            handle.writelines(f"{name}={value}\n" for name, value in whole.items())
        half.replace(note)
    return whole


def kept_ports(folder: Path = DATA) -> dict[str, int]:
    """The ports of web and sandbox: the environment's, else last time's, else the first free from 8100 on.

    A port that the environment names is taken as it is; then its holder, if there is one, is for its owner to stop.
    """
    note = folder / "ports.json"
    known: dict[str, int] = {}
    with contextlib.suppress(OSError, ValueError):
        known = json.loads(note.read_text())
    ports = {}
    for name, default in PORTS.items():
        told = os.environ.get(VARIABLES[name])
        candidates = [known.get(name, default), *range(default, default + 100 * STEP, STEP)]
        ports[name] = int(told) if told else next(port for port in candidates if home.port_is_free(port))
    folder.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps(ports))
    return ports


def start_servers(folder: Path = DATA) -> list[Postgres | Valkey]:
    """Start the servers for which the environment names no other, and name them there. Returns what was started."""
    started: list[Postgres | Valkey] = []
    if not os.environ.get("DATABASE_URL"):
        postgres = start_postgres(folder / "postgres")
        started.append(postgres)
        os.environ["DATABASE_URL"] = ensure_database(postgres.url, DATABASE)
    if not os.environ.get("REDIS_URL"):
        valkey = start_valkey(folder / "valkey")
        started.append(valkey)
        os.environ["REDIS_URL"] = valkey.url
    return started


def complete(folder: Path = DATA) -> dict[str, int]:
    """Fill this process's environment, which children inherit; what is set already stays. Returns the ports."""
    for name, value in kept_secrets(folder).items():
        os.environ.setdefault(name, value)
    ports = kept_ports(folder)
    for name, value in _fixed(ports, folder).items():
        os.environ.setdefault(name, value)
    return ports


def _fixed(ports: dict[str, int], folder: Path) -> dict[str, str]:
    """What follows from ports and secrets: the sandbox's half is the product's half."""
    web, sandbox = (f"http://127.0.0.1:{ports[name]}" for name in ("web", "sandbox"))
    miniprogram = os.environ["MINIPROGRAM_APPID"]
    account, _, secret = os.environ["OFFICIAL_ACCOUNTS"].split(",")[0].partition(":")
    key_id, _, key_secret = os.environ["SMS_ACCESS_KEY"].partition(":")
    receipts = f"{web}/oa/v1/receipts"
    pushes = {
        account: f"{os.environ['SANDBOX_OA_TOKEN']}/{os.environ['SANDBOX_OA_AES_KEY']}",
        miniprogram: f"{os.environ['SANDBOX_PUSH_TOKEN']}/{os.environ['SANDBOX_PUSH_AES_KEY']}",
    }
    return {
        "GUIYI_PORT": str(ports["web"]),
        "GUIYI_PUBLIC_BASE": web,
        "SANDBOX_PORT": str(ports["sandbox"]),
        "SANDBOX_APPID": miniprogram,
        "SANDBOX_SECRET": os.environ["MINIPROGRAM_SECRET"],
        "SANDBOX_CALLBACK_URL": f"{web}/oa/v1/callbacks/{miniprogram}",
        "SANDBOX_OA_APPID": account,
        "SANDBOX_OA_SECRET": secret,
        "SANDBOX_OA_CALLBACK_URL": f"{web}/oa/v1/callbacks/{account}",
        "SANDBOX_SMS_KEY_ID": key_id,
        "SANDBOX_SMS_KEY_SECRET": key_secret,
        "SANDBOX_SMS_REPORT_URL": f"{receipts}/sms/{os.environ['TELECOM_PUSH_KEY']}",
        "SANDBOX_SMS_UP_URL": f"{receipts}/sms-replies/{os.environ['TELECOM_PUSH_KEY']}",
        "SANDBOX_VOICE_REPORT_URL": f"{receipts}/voice/{os.environ['TELECOM_PUSH_KEY']}",
        "SANDBOX_STATE": str(folder / "sandbox.state"),
        "WECHAT_API_BASE": sandbox,
        "WECHAT_OPEN_BASE": sandbox,
        "WECHAT_MP_BASE": sandbox,
        "WECHAT_PUSH": ",".join(f"{appid}:{value}" for appid, value in pushes.items()),
        "SMS_API_BASE": sandbox,
        "SMS_SIGN": "归一",
        "VOICE_API_BASE": sandbox,
        "VOICE_ACCESS_KEY": os.environ["SMS_ACCESS_KEY"],
        "VOICE_SHOWN_NUMBER": "05718888001",
        "GUIYI_TEST_CLOCK": "1",
        "GUIYI_DEMO": "1",
        "PYTHONUNBUFFERED": "1",
    }
