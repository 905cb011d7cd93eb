"""Which subscription templates to ask a person for."""

from sqlalchemy import text

from app.kernel.database import Statement, reading
from app.outreach import materials
from app.outreach.messaging.queries.standing import templates_of
from app.outreach.messaging.rules import asking
from app.outreach.messaging.rules.asking import TAPS as TAPS

CHANNEL = "mp_subscription"
_LEFT = Statement(
    lambda: text(
        "SELECT template_id, sum(given - used) AS number FROM message_grant"
        " WHERE customer_id = :customer_id AND account = :account AND refused_at IS NULL GROUP BY template_id"
    )
)


def list_templates(customer_id: int, *, tap: str, account: str) -> list[str]:
    """The templates to ask for in a tap of this kind (TAPS), three at most: each yes is one message (R01).

    Only of purposes that are on, and templates that the mini-program has on the platform.
    """
    on = {purpose.code: purpose.id for purpose in materials.purposes.list_purposes() if purpose.enabled}
    wanted = [on[code] for code in TAPS[tap] if code in on]
    words = materials.words.list_words(wanted)
    listed = templates_of(account, CHANNEL)
    found = [words[purpose_id, CHANNEL, account] for purpose_id in wanted if (purpose_id, CHANNEL, account) in words]
    offered = [
        one.template_id for one in found if one.template_id and (not listed.fetched or one.template_id in listed.known)
    ]
    with reading() as connection:
        rows = _LEFT.rows(connection, customer_id=customer_id, account=account)
    return asking.choose(offered, left={row["template_id"]: int(row["number"]) for row in rows})
