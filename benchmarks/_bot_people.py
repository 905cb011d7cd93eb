"""What the bot is asked and what it answers; orders to our own code, as in `_push_people`."""

import datetime as dt
import hashlib
import itertools
import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

KEYWORD = "会员日"
ANSWER = "会员日是每月 8 号：双倍积分，全场包邮，门店有小礼。回复 门店 看看离您最近的店。"


def write_rule() -> None:
    """What ships, and a keyword of the brand's own."""
    from app.kernel.database import unit_of_work
    from app.outreach import auto_replies
    from app.outreach.auto_replies.rules.contents import Draft

    now = dt.datetime.now(dt.UTC)
    with unit_of_work():
        auto_replies.rulebook.ship_stock(now=now)
        content = {"kind": "text", "body": ANSWER}
        auto_replies.rulebook.save(Draft("会员日", "keyword", "contains", (KEYWORD,), content), now=now)


def pushes(appid: str, openids: Sequence[str], count: int) -> list[tuple[str, str]]:
    """So many texts of these people that say the keyword, each with a message id of its own: path, and the sealed body."""
    from app.gateways.wechat import pushes, xml
    from app.kernel.settings import settings

    token, moment = settings().wechat_accounts[appid].push_token, int(time.time())
    made = []
    for number, openid in zip(range(count), itertools.cycle(openids), strict=False):
        nonce = f"{time.monotonic_ns() % 10**10}"
        said = {
            "ToUserName": "gh_0123456789ab",
            "FromUserName": openid,
            "CreateTime": moment,
            "MsgType": "text",
            "Content": f"请问{KEYWORD}是哪天",
            "MsgId": time.time_ns() + number,
        }
        sealed = xml.parse(pushes.seal_reply(appid, said, nonce, moment))
        query = {
            "signature": hashlib.sha1("".join(sorted([token, str(moment), nonce])).encode()).hexdigest(),
            "timestamp": moment,
            "nonce": nonce,
            "openid": openid,
            "encrypt_type": "aes",
            "msg_signature": sealed["MsgSignature"],
        }
        body = xml.write({"ToUserName": "gh_0123456789ab", "Encrypt": sealed["Encrypt"]})
        made.append((f"/oa/v1/callbacks/{appid}?{urlencode(query)}", body))
    return made


def said() -> int:
    """How many of the stored pushes were answered with the rule's words."""
    from sqlalchemy import select

    from app.kernel.database import reading
    from app.kernel.inbox import InboxRow

    with reading() as connection:
        answers = connection.execute(select(InboxRow.answer)).scalars().all()
    return sum(ANSWER in (one or "") for one in answers)


def _main(word: str, told: dict[str, Any]) -> None:
    from app import wiring

    acts: dict[str, Callable[..., Any]] = {"write_rule": write_rule, "pushes": pushes, "said": said}
    with wiring.start().app_context():
        print(json.dumps(acts[word](**told)))


if __name__ == "__main__":
    _main(sys.argv[1], json.load(sys.stdin))
