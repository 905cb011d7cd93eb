"""SingleCallByTts: a text read aloud to one number."""

import secrets
from typing import Any

from sandbox.aliyun.actions import Asked, Refused, action, values_of
from sandbox.aliyun.texts import moment
from sandbox.platform.content import risky_words_in
from sandbox.world import lines
from sandbox.world.lines import Answer, Line, LineKind
from sandbox.world.telecom import VoiceCall

LONGEST_OUT_ID = 15
LONGEST_VALUES = 250
RING_SECONDS = {Answer.ANSWERED: 6, Answer.HUNG_UP: 6, Answer.BUSY: 0, Answer.NO_ANSWER: 45, Answer.REFUSED: 9}
SPOKEN_PER_SECOND = 4
LIMITS = ((1, 60, "分钟级"), (5, 3600, "小时级"), (20, 86400, "天级"))


@action("SingleCallByTts")
def call(asked: Asked) -> dict[str, Any]:
    """Rings once. What the person does with it is set on their line; the report follows when the call is over."""
    phone = lines.callable_number(asked.needed("CalledNumber"))
    template = asked.telecom.voice_templates.get(asked.needed("TtsCode"))
    asked.open_for_business()
    if template is None:
        raise Refused("isv.TTS_TEMPLATE_ILLEGAL")
    if phone is None:
        raise Refused("isv.MOBILE_NUMBER_ILLEGAL")
    shown = asked.fields.get("CalledShowNumber", "")
    if shown and shown not in asked.telecom.show_numbers:
        raise Refused("isv.DISPLAY_NUMBER_ILLEGAL")
    out_id = asked.fields.get("OutId", "")
    if len(out_id.encode()) > LONGEST_OUT_ID:
        raise Refused("isv.INVALID_PARAMETERS", text="OutId: 1 to 15 bytes")
    _check_sound(asked)
    values = values_of(asked.fields.get("TtsParam", ""), wanted=template.variables)
    if sum(map(len, values.values())) > LONGEST_VALUES or any(map(risky_words_in, values.values())):
        raise Refused("isv.TEMPLATE_PARAMS_ILLEGAL")
    for cap, seconds, words in LIMITS:
        if not asked.world.quotas.window(f"voice {phone}", cap=cap, seconds=seconds, now=asked.now):
            raise Refused("isv.BUSINESS_LIMIT_CONTROL", text=f"触发{words}流控Permits:{cap}")
    made = _ring(asked, phone=phone, template_code=template.code, spoken=template.filled(values), out_id=out_id)
    return {"CallId": made.call_id}


def _check_sound(asked: Asked) -> None:
    for name, low, high in (("PlayTimes", 1, 3), ("Volume", 0, 100), ("Speed", -500, 500)):
        given = asked.fields.get(name, "")
        if given and not (given.removeprefix("-").isdigit() and low <= int(given) <= high):
            raise Refused("isv.INVALID_PARAMETERS", text=f"{name}: {low} to {high}")


def _ring(asked: Asked, *, phone: str, template_code: str, spoken: str, out_id: str) -> VoiceCall:
    telecom = asked.telecom
    line = telecom.lines.get(phone)
    failed = lines.CALL_FAILURES.get(line.kind)
    code, smart, words = failed or lines.CALL_OUTCOMES[line.answers]
    heard = failed is None and line.answers in (Answer.ANSWERED, Answer.HUNG_UP)
    whole = max(1, len(spoken) // SPOKEN_PER_SECOND)
    made = VoiceCall(
        call_id=f"{secrets.randbelow(9 * 10**11) + 10**11}^{secrets.randbelow(9 * 10**11) + 10**11}",
        phone=phone,
        template_code=template_code,
        spoken=spoken,
        out_id=out_id,
        virtual=line.virtual,
        status_code=code,
        smart_status=smart,
        words=words,
        called_at=asked.now,
        seconds=0 if not heard else (whole if line.answers is Answer.ANSWERED else max(1, whole // 3)),
    )
    asked.pay(1)
    telecom.calls.append(made)
    if failed is None and line.answers is not Answer.BUSY:
        telecom.received["voice", phone, template_code] += 1
    _report(asked, made=made, line=line)
    return made


def _report(asked: Asked, *, made: VoiceCall, line: Line) -> None:
    telecom = asked.telecom
    rang = line.kind is LineKind.NORMAL and line.answers is not Answer.BUSY
    started = made.called_at + RING_SECONDS[line.answers]
    ended = started + made.seconds
    row = {
        "call_id": made.call_id,
        "out_id": made.out_id,
        "caller": min(telecom.show_numbers, default=""),
        "callee": made.phone,
        "status_code": made.status_code,
        "smart_status_code": made.smart_status,
        "status_msg": made.words,
        "duration": str(made.seconds),
        "originate_time": moment(made.called_at),
        "ring_time": moment(made.called_at + 1) if rang else "",
        "start_time": moment(started) if made.seconds else "",
        "end_time": moment(ended) if made.seconds else "",
        "hangup_direction": "用户" if line.answers in (Answer.HUNG_UP, Answer.REFUSED) else "机器",
        "voice_type": "voice",
        "toll_type": "UNKNOWN",
    }
    due = made.called_at + telecom.receipt_seconds
    asked.report("VoiceReport", url=telecom.voice_report_url, row=row, due_at=due)
