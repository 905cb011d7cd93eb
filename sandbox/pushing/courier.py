"""Posts pushes: signed, sealed, within five seconds, three times when nobody answers (fact sheet C1, C2)."""

import secrets
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3
from werkzeug.test import Client

from sandbox.pushing import replies
from sandbox.world import World
from sandbox.world.apps import App
from sandbox.world.push_bodies import sealed_json, sealed_xml, to_json, to_xml
from sandbox.world.push_sealing import seal, signature
from sandbox.world.pushes import Errand, Push
from sandbox.world.received import PASSIVE
from sandbox.world.sending import receive, show_unavailable

THREADS = 8
IDLE_SECONDS = 2.0
ANSWER_KEPT = 2000


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` 0: no answer, and `trouble` says why."""

    status: int
    body: bytes = b""
    trouble: str = ""


class Courier:
    """Own threads, started when there is work. A WSGI app may be mounted in place of a network address."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._http = urllib3.PoolManager(num_pools=16, maxsize=THREADS, retries=False)
        self._mounted: dict[str, Any] = {}
        self._threads: set[threading.Thread] = set()
        self._lock = threading.Lock()
        world.pushes.carry = self.carry
        world.pushes.verify = self.verify
        world.pushes.wake = self.wake

    def mount(self, prefix: str, wsgi_app: Any) -> None:
        """Addresses that begin with this go to the WSGI app, in the thread of whoever drains the queue; nothing is
        delivered by itself any more."""
        self._mounted[prefix] = wsgi_app
        with self._world.changing():
            self._world.switches.push_automatic = False

    def wake(self) -> None:
        """Makes sure that somebody delivers, up to the number of threads."""
        if not self._world.switches.push_automatic:
            return
        with self._lock:
            if len(self._threads) < min(THREADS, self._world.pushes.waiting()):
                thread = threading.Thread(target=self._run, daemon=True, name="pushes")
                self._threads.add(thread)
                thread.start()

    def _run(self) -> None:
        pushes = self._world.pushes
        try:
            while self._world.switches.push_automatic:
                errand = pushes.take()
                if errand is not None:
                    self.carry(errand)
                elif not pushes.wait(IDLE_SECONDS):
                    return
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())

    def carry(self, errand: Errand) -> None:
        """One delivery, and what follows from it."""
        world, push = self._world, errand.push
        app = world.apps.get(push.appid)
        if app is None or not app.callback_url:
            world.pushes.done(errand, answered=False)
            return
        again = None
        answered = False
        note: dict[str, Any] = {"at": world.now(), "copy": errand.copy, "attempt": errand.attempts + 1}
        try:
            answer = self._post(push, app=app, note=note)
            answered = answer.status == 200
            last = errand.attempts + 1 >= world.switches.push_deliveries
            if answered:
                self._take_answer(answer, push=push, app=app, note=note)
            elif not last:
                again = world.switches.push_pause_seconds
            else:
                self._give_up(push, app=app)
        finally:
            push.deliveries.append(note)
            world.pushes.done(errand, answered=answered, again_after=again)

    def verify(self, app: App) -> dict[str, Any]:
        """What the platform asks when the address is entered in its console: a signed GET that must answer with the
        bare echostr, in every mode."""
        stamp, nonce, echo = str(int(self._world.now())), _nonce(), secrets.token_hex(16)
        query = {
            "signature": signature(app.push_token, stamp, nonce),
            "echostr": echo,
            "timestamp": stamp,
            "nonce": nonce,
        }
        answer = self._send(_address(app, query=query), method="GET")
        ok = answer.status == 200 and answer.body == echo.encode()
        shown = answer.body[:ANSWER_KEPT].decode("utf-8", "replace")
        return {"verified": ok, "status": answer.status, "answer": shown, "trouble": answer.trouble}

    def _post(self, push: Push, *, app: App, note: dict[str, Any]) -> Answer:
        """Fresh timestamp, nonce and signatures on every delivery; the body stays the same."""
        body = _body(push, app=app)
        stamp, nonce = str(int(self._world.now())), _nonce()
        query = {
            "signature": signature(app.push_token, stamp, nonce),
            "timestamp": stamp,
            "nonce": nonce,
            "openid": push.openid,
        }
        if push.sealed:
            query["encrypt_type"] = "aes"
            query["msg_signature"] = signature(app.push_token, stamp, nonce, push.sealed)
        started = time.monotonic()
        answer = self._send(_address(app, query=query), body=body.encode(), content_type=_content_type(app))
        note |= {
            "timestamp": stamp,
            "nonce": nonce,
            "status": answer.status,
            "ms": round((time.monotonic() - started) * 1000, 1),
            "answer": answer.body[:ANSWER_KEPT].decode("utf-8", "replace"),
            "outcome": answer.trouble or (f"http_{answer.status}" if answer.status != 200 else "answered"),
        }
        return answer

    def _send(self, url: str, *, method: str = "POST", body: bytes = b"", content_type: str = "") -> Answer:
        limit = self._world.switches.push_timeout_seconds
        headers = {"User-Agent": "Mozilla/4.0", "Pragma": "no-cache"}
        if content_type:
            headers["Content-Type"] = content_type
        for prefix, wsgi_app in self._mounted.items():
            if url.startswith(prefix):
                return _call_mounted(wsgi_app, method, url=url, body=body, headers=headers, limit=limit)
        try:
            found = self._http.request(
                method, url, body=body or None, headers=headers, timeout=urllib3.Timeout(total=limit), redirect=False
            )
        except urllib3.exceptions.NewConnectionError:
            return Answer(0, trouble="no_answer: nobody listens")
        except urllib3.exceptions.TimeoutError:
            return Answer(0, trouble="timeout")
        except urllib3.exceptions.HTTPError as failed:
            return Answer(0, trouble=f"no_answer: {type(failed).__name__}")
        return Answer(int(found.status), body=found.data)

    def _take_answer(self, answer: Answer, *, push: Push, app: App, note: dict[str, Any]) -> None:
        try:
            reply = replies.read(answer.body, app=app, push=push)
        except replies.BadReply as wrong:
            note["outcome"], note["why"] = "bad_reply", str(wrong)
            self._give_up(push, app=app)
            return
        if reply is None:
            note["outcome"] = "success" if answer.body.strip() else "empty"
            return
        note["outcome"] = "reply"
        with self._world.changing():
            push.replies += 1
            if push.replies > 1 or not push.shows_replies:
                note["outcome"] = "reply_not_shown"
                return
            self._show(reply, push=push, app=app)

    def _show(self, reply: replies.Reply, *, push: Push, app: App) -> None:
        person = self._world.person(push.person_id)
        if reply.kind == "transfer_customer_service":
            account = reply.fields.get("TransInfo")
            named = account.get("KfAccount", "") if isinstance(account, dict) else ""
            person.chat(app.appid, by="platform", kind="transfer", at=self._world.now(), account=named)
            self._world.touch(person)
            return
        message = _shown(reply)
        receive(self._world, person=person, app=app, kind=PASSIVE, message={**message, "push_id": push.push_id})

    def _give_up(self, push: Push, *, app: App) -> None:
        """Whoever waits for an answer in the chat sees the grey notice."""
        if not push.shows_replies:
            return
        with self._world.changing():
            show_unavailable(self._world, person=self._world.person(push.person_id), app=app)


def _content_type(app: App) -> str:
    return "text/xml" if app.push_format == "xml" else "application/json"


def _body(push: Push, *, app: App) -> str:
    """Plain, sealed, or both. What was sealed once is sent again as it is."""
    write, wrap = (to_xml, sealed_xml) if app.push_format == "xml" else (to_json, sealed_json)
    if app.push_mode == "plain":
        return write(push.fields)
    if not push.sealed:
        push.sealed = seal(write(push.fields), aes_key=app.push_aes_key, appid=app.appid)
    if app.push_mode == "compat":
        return write({**push.fields, "Encrypt": push.sealed})
    return wrap(push.sealed, to=app.original_id)


def _nonce() -> str:
    return str(secrets.randbelow(2_000_000_000) + 1)


def _address(app: App, *, query: dict[str, str]) -> str:
    return f"{app.callback_url}{'&' if urlsplit(app.callback_url).query else '?'}{urlencode(query)}"


def _call_mounted(
    wsgi_app: Any, method: str, *, url: str, body: bytes, headers: dict[str, str], limit: float
) -> Answer:
    parts = urlsplit(url)
    started = time.monotonic()
    try:
        found = Client(wsgi_app, use_cookies=False).open(
            parts.path,
            method=method,
            base_url=f"{parts.scheme}://{parts.netloc}",
            query_string=parts.query,
            data=body,
            headers=headers,
        )
    except Exception as failed:  # a server would answer 500
        return Answer(500, trouble=f"raised: {failed!r}")
    if time.monotonic() - started > limit:
        return Answer(0, trouble="timeout")
    return Answer(found.status_code, body=found.data)


def _shown(reply: replies.Reply) -> dict[str, Any]:
    fields = reply.fields
    if reply.kind == "news":
        articles = fields["Articles"]
        first = (articles["item"] if isinstance(articles, dict) else articles)[0]
        return {"type": "news", "title": first["Title"], "text": first.get("Description", ""), "articles": [first]}
    if reply.kind == "text":
        return {"type": "text", "text": fields["Content"]}
    content = fields[replies.NEEDED[reply.kind][0]]
    return {"type": reply.kind, "text": str(content.get("Title") or f"[{reply.kind}]"), "content": content}
