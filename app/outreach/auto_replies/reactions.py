"""What the bot does when others announce."""

from collections.abc import Sequence

from app.kernel.facts import reacts_to
from app.kernel.re_pointing import re_point
from app.membership import members
from app.outreach import materials, messaging
from app.outreach.auto_replies.models import Conversation, ConversationLine
from app.people import contacts, identity

BIND_PROMPT = "bind_prompt"


@reacts_to(contacts.FollowerJoined)
def offer_the_card(facts: Sequence[contacts.FollowerJoined]) -> None:
    """Who follows and has no card is sent the mini-program card once; who follows again is left alone (2.5: silent variant).

    Nothing is given for it (R05), and nothing is asked that blocks them (C01).
    """
    new = [fact for fact in facts if not fact.again]
    if not new or not _is_shipped():
        return
    with_card = members.are_members([fact.customer_id for fact in new])
    for fact in new:
        if fact.customer_id not in with_card:
            wish = messaging.Wish(
                BIND_PROMPT,
                f"followed:{fact.account}:{fact.at.isoformat()}",
                customer_id=fact.customer_id,
                born_customer_id=fact.born_customer_id,
            )
            messaging.wanting.want([wish], now=fact.at)


def _is_shipped() -> bool:
    try:
        return materials.purposes.find(BIND_PROMPT).enabled
    except materials.PurposeUnknown:  # a brand without the stock messages
        return False


@reacts_to(identity.PeopleMerged)
def take_conversations_over(facts: Sequence[identity.PeopleMerged]) -> None:
    """What who goes said, and whom they wait for, is the survivor's."""
    moves = [(fact.gone_id, fact.survivor_id, fact.born_ids) for fact in facts]
    for table in (Conversation, ConversationLine):
        re_point(table, moves)


@reacts_to(identity.PeopleSeparated)
def give_conversations_back(facts: Sequence[identity.PeopleSeparated]) -> None:
    """What was born to the selves that leave goes with them."""
    moves = [(fact.from_id, fact.to_id, fact.born_ids) for fact in facts]
    for table in (Conversation, ConversationLine):
        re_point(table, moves)
