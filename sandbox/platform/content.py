"""POST /wxa/msg_sec_check, version 2 and the older one (fact sheet B7)."""

from typing import Any

from sandbox.platform.calls import Call, endpoint, ok, text
from sandbox.platform.errors import PlatformError
from sandbox.world import ids

LONGEST = 2500
LONGEST_OLD_BYTES = 500 * 1024
VISIT_SECONDS = 2 * 3600
SCENES = (1, 2, 3, 4)
PASS_LABEL = 100

# word -> (label, level); from level 80 on a text is risky, below it goes to review. The first two are the platform's
# own trial texts.
WORDS: dict[str, tuple[int, int]] = {
    "特3456书yuuo莞6543李zxcz蒜7782法fgnv级": (20001, 90),
    "完2347全dfji试3726测asad感3847知qwez到": (20002, 90),
    "裸聊": (20002, 90),
    "赌博": (20006, 90),
    "毒品": (20006, 90),
    "枪支": (20006, 90),
    "网络诈骗": (20008, 90),
    "代开发票": (10001, 90),
    "去死吧": (20003, 85),
    "低俗": (20012, 60),
    "加微信返现": (10001, 60),
    "刷单": (20008, 60),
    "盗版": (20013, 60),
}

REFUSED = tuple(word for word, (_, level) in WORDS.items() if level >= 80)


def risky_words_in(content: str) -> list[str]:
    """Words for which the platform refuses a text (not those that only ask for review)."""
    return [word for word in REFUSED if word in content]


@endpoint("/wxa/msg_sec_check", method="POST", wrong_method=43302)
def msg_sec_check(call: Call) -> dict[str, Any]:
    """Judges a text. With version 2 the writer must have visited in the last two hours (61010)."""
    content = text(call.body, name="content")
    if not content:
        raise PlatformError(44004)
    if "version" not in call.body:
        return _older(content)
    if str(call.body["version"]) != "2":
        raise PlatformError(40097)
    if len(content) > LONGEST:
        raise PlatformError(45002)
    if call.body.get("scene") not in SCENES or isinstance(call.body["scene"], bool):
        raise PlatformError(40129)
    _check_writer(call)
    extra = [text(call.body, name=name) for name in ("title", "nickname", "signature")]
    return _judgement("\n".join([content, *extra]), trace_id=ids.rid(call.now))


def _older(content: str) -> dict[str, Any]:
    if len(content.encode("utf-8", "replace")) > LONGEST_OLD_BYTES:
        raise PlatformError(45002)
    if any(word in content for word in WORDS):
        raise PlatformError(87014)
    return ok()


def _check_writer(call: Call) -> None:
    openid = text(call.body, name="openid")
    if not openid:
        raise PlatformError(41009)
    person = call.world.people.by_openid(call.app.appid, openid=openid)
    if person is None:
        raise PlatformError(43104 if call.world.people.openid_taken(openid) else 40003)
    session = person.sessions.get(call.app.appid)
    if session is None or call.now - session.visited_at > VISIT_SECONDS:
        raise PlatformError(61010)


def _judgement(content: str, *, trace_id: str) -> dict[str, Any]:
    hits = [(word, *WORDS[word]) for word in WORDS if word in content]
    label = max(hits, key=lambda hit: hit[2])[1] if hits else PASS_LABEL
    suggest = _suggest(max((level for _, _, level in hits), default=0))
    detail: list[dict[str, Any]] = [
        {"strategy": "content_model", "errcode": 0, "suggest": suggest, "label": label, "prob": 90}
    ]
    for word, word_label, level in hits:
        detail.append(
            {
                "strategy": "keyword",
                "errcode": 0,
                "suggest": _suggest(level),
                "label": word_label,
                "level": level,
                "keyword": word,
            }
        )
    return ok(result={"suggest": suggest, "label": label}, detail=detail, trace_id=trace_id)


def _suggest(level: int) -> str:
    if level >= 80:
        return "risky"
    return "review" if level else "pass"
