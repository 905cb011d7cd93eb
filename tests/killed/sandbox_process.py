"""The sandbox as a process of its own, spoken to over HTTP as the platform is."""

import json
import os
import subprocess
import sys
import urllib.request
from collections import Counter
from typing import Any

from app.kernel.settings import settings
from tests.conftest import REPOSITORY


class SandboxProcess:
    """Started on a free port with the accounts of this test run."""

    def __init__(self) -> None:
        here = settings()
        account = next(one for one in here.wechat_accounts.values() if one.kind == "official_account")
        self.account = account.appid
        words = {"SANDBOX_OA_APPID": account.appid, "SANDBOX_OA_SECRET": account.secret,
                 "SANDBOX_APPID": here.miniprogram_appid, "SANDBOX_SECRET": here.miniprogram_secret}  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sandbox", "--port", "0"], cwd=REPOSITORY, env=os.environ | words,
            start_new_session=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        first = self.process.stdout.readline()
        self.address = first.split()[2]

    def world(self, path: str, /, **body: Any) -> Any:
        """An order to the world, or a question where there is no body."""
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(
            f"{self.address}/_world/{path}", data=data, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def received(self) -> dict[str, int]:
        """How many messages each openid of the account has received, by the sandbox's own count."""
        counted = self.world(f"received?appid={self.account}")["received"]
        return {openid: row["total"] for openid, row in counted.items()}

    def asked(self) -> Counter[str]:
        """How often a template message was asked for, for each openid, those that the platform knew again included."""
        calls = self.world("log?limit=1000&path=/cgi-bin/message/template/send")["calls"]
        return Counter(json.loads(call["request_body"])["touser"] for call in calls)

    def stop(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
