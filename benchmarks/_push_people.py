"""A million customers, those of them who follow the sandbox's account, and what is sent to them; orders to our own code.

`python -m benchmarks._push_people WORD …` does one thing in the environment of the product and prints what came of it.
"""

import datetime as dt
import json
import sys
import time
from collections.abc import Callable
from typing import Any

import psycopg

CUSTOMERS = 1_000_000
TEMPLATE_WORDS = {
    "thing1": "{{name}}",
    "character_string2": "A10086",
    "phrase3": "银卡会员",
    "time4": "2026-05-20 12:00",
}
VALUES = {"name": "林晓"}

_FILL = f"""
    INSERT INTO customer (source, created_at) SELECT 'bench', now() FROM generate_series(1, {CUSTOMERS}) AS n
"""
_WITHOUT_KEYS_OF_OTHERS = "SET session_replication_role = replica"


def fill(url: str) -> None:
    """The customers, nothing else."""
    with _connection(url) as connection:
        connection.execute(_FILL)


def _connection(url: str) -> "psycopg.Connection[tuple[Any, ...]]":
    return psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)


def follow(url: str, account: str, openids: list[str]) -> None:
    """The first customers are these followers of the account."""
    from app.kernel.crypto import encrypt
    from app.people import identity

    now = dt.datetime.now(dt.UTC)
    ids = [identity.identifier("openid", openid, scope=account) for openid in openids]
    with _connection(url) as connection, connection.cursor() as cursor:
        cursor.execute(_WITHOUT_KEYS_OF_OTHERS)
        columns = "customer_id, born_customer_id, token, kind, scope, value, value_index, proof, since"
        with cursor.copy(f"COPY identity ({columns}) FROM STDIN") as copy:
            for who, one in enumerate(ids, 1):
                copy.write_row(
                    (who, who, one.token, "openid", account, encrypt(one.value), one.index, "proven", now),
                )
        columns = (
            "customer_id, born_customer_id, openid_token, account, state, since, follows, times, left_exactly, scene,"
            " way, learned_at"
        )
        with cursor.copy(f"COPY follower ({columns}) FROM STDIN") as copy:
            for who, one in enumerate(ids, 1):
                copy.write_row(
                    (who, who, one.token, account, "following", now, [now], 1, False, "", "search", now),
                )
        cursor.execute("ANALYZE identity, follower, customer")


def make_purpose(account: str, template_id: str, a_minute: int) -> None:
    """The purpose `bench`: one template message of the account at any hour, so many a minute at most."""
    from app.kernel.database import unit_of_work
    from app.outreach import materials
    from app.outreach.messaging import limits
    from app.outreach.messaging.rules.quotas import Limit

    now = dt.datetime.now(dt.UTC)
    with unit_of_work():
        draft = materials.purposes.PurposeDraft(
            "bench",
            "测量",
            "service",
            ("oa_template",),
            pressing=True,
            variables={"name": {"title": "姓名", "sample": "林晓"}},
        )
        purpose = materials.purposes.save(draft, now=now)
        words = materials.WordsView(purpose.id, "oa_template", account, template_id=template_id, fields=TEMPLATE_WORDS)
        materials.words.save_words(words, now=now)
        limits.set_limit(account, channel="oa_template", limit=Limit(a_minute, 100_000_000, 0), now=now)


def plan(code: str, count: int) -> dict[str, Any]:
    """A paused dispatch of that code with a message for each of the first customers: its id, and the seconds it took."""
    from sqlalchemy import select

    from app.kernel.database import unit_of_work
    from app.outreach.messaging import dispatching
    from app.people.identity.models import Customer

    now = dt.datetime.now(dt.UTC)
    people = select(Customer.id.label("customer_id")).where(Customer.id <= count)
    with unit_of_work():
        dispatch = dispatching.open(code, purpose="bench", name="测量", now=now, state="paused")
    began = time.perf_counter()
    with unit_of_work():
        planned = dispatching.plan(dispatch, people=people, occasion=code, due_at=now, now=now, values=VALUES)
    return {"dispatch": dispatch, "planned": planned, "seconds": time.perf_counter() - began}


def bodies(account: str, template_id: str, openids: list[str], mark: str) -> dict[str, Any]:
    """Where our gateway posts, and the bytes that it would post for each of these, one message each."""
    from app.gateways.official_account import messages
    from app.gateways.wechat import sends
    from app.gateways.wechat.client import client_of

    made: list[str] = []

    def note(appid: str, path: str, body: dict[str, Any], **_: Any) -> dict[str, Any]:
        made.append(sends._TO_JSON.encode(body))
        return {"msgid": 1}

    messages.send = note  # type: ignore[assignment]
    data = {**TEMPLATE_WORDS, "thing1": VALUES["name"]}
    for number, openid in enumerate(openids):
        own = f"guiyi-{mark}{number:06}"
        messages.send_template(account, openid=openid, template_id=template_id, data=data, client_msg_id=own)
    token = sends._token(client_of(account, "official_account"), None)
    return {"path": f"{messages.TEMPLATE}?access_token={token}", "bodies": made}


def _main(word: str, told: dict[str, Any]) -> None:
    from app import wiring

    acts: dict[str, Callable[..., Any]] = {
        "follow": follow,
        "make_purpose": make_purpose,
        "plan": plan,
        "bodies": bodies,
    }
    with wiring.start().app_context():
        print(json.dumps(acts[word](**told)))


if __name__ == "__main__":
    _main(sys.argv[1], json.load(sys.stdin))
