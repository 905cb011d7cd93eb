"""A campaign before it starts: what, to whom, when; and the test to oneself."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from app.kernel.database import db
from app.kernel.policy import current
from app.outreach import materials
from app.outreach.campaigns.models import Campaign, CampaignsPolicy
from app.outreach.campaigns.queries import listing
from app.outreach.campaigns.refusals import CampaignMoved, DraftInvalid
from app.outreach.campaigns.rules import Wave, faults_of
from app.outreach.messaging import Wish, wanting
from app.people import privacy, teams

CHANNELS = ("mp_subscription", "oa_subscription", "oa_service", "sms", "voice")
PRIORITY = 700
MOST_TESTERS = 5


@dataclass(frozen=True)
class Draft:
    """What a campaign is to be. `list_id` empty: to everybody; `starts_at` empty: at once; `goal_days` empty: the brand's."""

    name: str
    channels: Sequence[str]
    list_id: int | None = None
    starts_at: dt.datetime | None = None
    waves: Sequence[Wave] = (Wave(100, 0),)
    control_percent: int = 10
    goal_days: int | None = None
    valid_hours: int = 24


def draft(wanted: Draft, *, staff_id: int, now: dt.datetime) -> int:
    """Begin a campaign; its id. Its words are then written for its purpose. Raises DraftInvalid, ListUnknown."""
    _check(wanted, now)
    purpose = materials.purposes.save(_purpose(f"campaign:{secrets.token_hex(8)}", wanted), now=now)
    row = Campaign(
        purpose_id=purpose.id, state="draft", dispatch_ids=[], planned_after_id=0, planned=0,
        made_by=staff_id, made_at=now, **_columns(wanted),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row.id


def change(campaign_id: int, *, wanted: Draft, now: dt.datetime) -> None:
    """Change a draft. Raises DraftInvalid, ListUnknown, CampaignUnknown, CampaignMoved once it is under way."""
    _check(wanted, now)
    row = listing.find(campaign_id, lock=True)
    if row.state != "draft":
        raise CampaignMoved(state=row.state)
    materials.purposes.save(_purpose(materials.purposes.get(row.purpose_id).code, wanted), now=now)
    for name, value in _columns(wanted).items():
        setattr(row, name, value)
    row.released_by = row.released_at = None  # somebody else released something else
    db.session.flush()


def test(campaign_id: int, *, customer_ids: Sequence[int], now: dt.datetime) -> int:
    """Send its words to a few people at once, whatever the hour; how many (R04). Only to colleagues, and to those who said
    yes to marketing: nobody else is written to without being asked.

    Raises CampaignUnknown, DraftInvalid where a channel has no words yet or nobody was named.
    """
    row = listing.find(campaign_id, lock=True)
    if not listing.view_of(row).words_ready:
        raise DraftInvalid(fields={"文案": "每个渠道都要先写好"})
    if not 1 <= len(set(customer_ids)) <= MOST_TESTERS:
        raise DraftInvalid(fields={"试发给": f"一到 {MOST_TESTERS} 个人"})
    known = teams.are_staff(customer_ids) | privacy.who_agreed(customer_ids, "marketing")
    if not set(customer_ids) <= known:
        raise DraftInvalid(fields={"试发给": "只能发给同事，或同意接收营销消息的人"})
    code = _copy_for_tests(row, now)
    row.tested_at = now
    wishes = [
        Wish(purpose=code, occasion=f"test:{now.isoformat()}", customer_id=customer_id)
        for customer_id in sorted(set(customer_ids))
    ]
    return wanting.want(wishes, now=now)


def _copy_for_tests(row: Campaign, now: dt.datetime) -> str:
    """The same words under a purpose of their own: asked for, so neither caps nor consent nor quiet hours hold them."""
    real = materials.purposes.get(row.purpose_id)
    copied = materials.purposes.PurposeDraft(
        code=f"{real.code}:test", name=f"试发：{real.name}", kind="service", channels=real.channels, priority=0,
        when_in_doubt="hold", valid_minutes=60, pressing=True, variables=real.variables,
    )  # fmt: skip
    trial = materials.purposes.save(copied, now=now)
    for words in materials.words.list_words([real.id]).values():
        materials.words.save_words(replace(words, purpose_id=trial.id), now=now)
    return trial.code


def _purpose(code: str, wanted: Draft) -> materials.purposes.PurposeDraft:
    return materials.purposes.PurposeDraft(
        code=code,
        name=wanted.name,
        kind="marketing",
        channels=tuple(wanted.channels),
        priority=PRIORITY,
        when_in_doubt="hold",
        valid_minutes=wanted.valid_hours * 60,
    )


def _check(wanted: Draft, now: dt.datetime) -> None:
    fields = {
        "名称": None if 1 <= len(wanted.name.strip()) <= 40 else "1 到 40 个字",
        "渠道": None if wanted.channels and set(wanted.channels) <= set(CHANNELS) else "选一个或几个，按先后排列",
        "分批": faults_of(wanted.waves),
        "对照组": None if 0 <= wanted.control_percent <= 50 else "0 到 50",
        "效果天数": None
        if 1 <= (wanted.goal_days or 1) <= current(CampaignsPolicy).longest_goal_days
        else "1 到 60 天",
        "有效小时": None if 1 <= wanted.valid_hours <= 14 * 24 else "1 到 336 小时",
        "开始": None if wanted.starts_at is None or wanted.starts_at > now - dt.timedelta(hours=1) else "已经过去了",
    }
    if wrong := {name: why for name, why in fields.items() if why}:
        raise DraftInvalid(fields=wrong)
    if wanted.list_id is not None:
        listing.get_list(wanted.list_id)


def _columns(wanted: Draft) -> dict[str, object]:
    return {
        "name": wanted.name.strip(),
        "list_id": wanted.list_id,
        "starts_at": wanted.starts_at,
        "waves": [asdict(wave) for wave in wanted.waves],
        "control_percent": wanted.control_percent,
        "goal_days": wanted.goal_days or current(CampaignsPolicy).goal_days,
    }
