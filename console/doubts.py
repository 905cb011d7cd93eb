"""Messages of which nobody knows whether they arrived: a person says what they know, or has them sent again."""

import flask

from app.kernel import clock
from app.outreach import materials, messaging
from app.web.guards import Staff, staff
from console.pages import Answer, pages, show

deciders = staff("marketer", "lead", "admin")
SHOWN = 100
CHANNELS = {
    "oa_template": "公众号模板消息",
    "oa_subscription": "公众号订阅通知",
    "mp_subscription": "小程序订阅消息",
    "oa_service": "客服消息",
    "sms": "短信",
    "voice": "智能外呼",
}


@pages.shows("/doubts", guard=deciders)
def list_doubts(caller: Staff) -> Answer:
    """Whoever waits for a word, the oldest first."""
    found = messaging.doubts.list_doubts(limit=SHOWN)
    names = {purpose.id: purpose.name for purpose in materials.purposes.list_purposes()}
    return show("doubts.html", caller, heading="存疑的消息", doubts=found, names=names, channels=CHANNELS, shown=SHOWN)


@pages.acts("/doubts/<sealed(delivery):delivery_id>/<any(sent,not_sent,again):verdict>", guard=deciders)
def decide_doubt(caller: Staff, delivery_id: int, verdict: str) -> Answer:
    """It arrived, it did not, or it is sent again although it may have arrived."""
    messaging.doubts.decide(delivery_id, verdict=verdict, now=clock.now())  # type: ignore[arg-type]  # the route's words
    return flask.redirect("/console/doubts", 303)
