"""The kernel's small promises: ids, crypto, money, cursors, settings, facts, locks, policy."""

import base64
import dataclasses
import datetime as dt

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DataError

from app.kernel import clock, crypto, errors, facts, ids, money, paging, policy
from app.kernel.database import db
from app.kernel.settings import SettingsError, read_settings
from tests.conftest import _key

ENVIRON = {
    "DATABASE_URL": "postgresql://a@b/c",
    "REDIS_URL": "redis://b",
    "GUIYI_SEAL_KEY": _key("s", 16),
    "GUIYI_INDEX_KEY": _key("i", 32),
    "GUIYI_DATA_KEYS": f"k1:{_key('d', 32)}",
    "MINIPROGRAM_APPID": "wx1",
    "MINIPROGRAM_SECRET": "s",
}


@given(st.integers(0, 2**63 - 1))
def test_a_sealed_id_opens_to_itself_and_for_its_kind_only(number: int) -> None:
    sealed = ids.seal("order", number)
    assert ids.unseal("order", sealed) == number
    with pytest.raises(errors.NotFound):
        ids.unseal("coupon", sealed)


def test_sealed_ids_reveal_neither_count_nor_order() -> None:
    sealed = [ids.seal("order", number) for number in range(200)]
    assert len({text[:2] for text in sealed}) > 100, "neighbours share no beginning"
    assert sealed != sorted(sealed)


@given(st.text(max_size=40))
def test_no_text_but_a_sealed_one_opens(text: str) -> None:
    with pytest.raises((errors.NotFound, UnicodeEncodeError)):
        ids.unseal("order", text)


def test_a_changed_ciphertext_is_noticed_and_a_new_key_still_reads_old_values(monkeypatch: pytest.MonkeyPatch) -> None:
    old = crypto.encrypt("+8613800138000")
    assert crypto.decrypt(old) == "+8613800138000"
    assert b"138" not in old
    assert crypto.encrypt("same") != crypto.encrypt("same"), "equal values must not look equal"
    with pytest.raises(InvalidTag):
        crypto.decrypt(old[:-1] + bytes([old[-1] ^ 1]))
    rotated = dataclasses.replace(
        read_settings(ENVIRON), data_keys={"k2": b"2" * 32, "k1": crypto.settings().data_keys["k1"]}
    )
    monkeypatch.setattr(crypto, "settings", lambda: rotated)
    crypto._aead.cache_clear()
    assert crypto.decrypt(old) == "+8613800138000"
    assert crypto.encrypt("x")[1:3] == b"k2"
    crypto._aead.cache_clear()


def test_the_blind_index_depends_on_kind_and_key() -> None:
    assert crypto.blind_index("phone", "1") == crypto.blind_index("phone", "1")
    assert crypto.blind_index("phone", "1") != crypto.blind_index("card", "1")


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=9))
def test_K03_shares_sum_to_the_whole_and_none_but_the_last_exceeds_its_part(total: int, weights: list[int]) -> None:
    shares = money.split(total, weights)
    assert sum(shares) == total
    assert all(share >= 0 for share in shares)
    assert all(share * sum(weights) <= total * weight for share, weight in zip(shares[:-1], weights[:-1], strict=True))


@pytest.mark.parametrize("weights", [[], [1, -1]])
def test_no_or_negative_weights_are_no_split(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        money.split(10, weights)


@given(st.integers(0, 10**9), st.integers(1, 10**6), st.data())
def test_a_proportion_never_exceeds_and_ends_at_the_whole(amount: int, whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    assert 0 <= money.proportion(amount, part, whole) <= amount
    assert money.proportion(amount, whole, whole) == amount


@given(st.lists(st.one_of(st.integers(), st.text()), max_size=4))
def test_a_cursor_comes_back_and_a_forged_one_is_refused(values: list) -> None:
    cursor = paging.encode_cursor(values)
    assert paging.decode_cursor(cursor) == values
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[-1] ^= 1
    with pytest.raises(paging.CursorInvalid):
        paging.decode_cursor(base64.urlsafe_b64encode(bytes(raw)).decode())


def test_a_cursor_tells_no_id() -> None:
    cursor = paging.encode_cursor(["2026-05-20T04:00:00+00:00", 1234567])
    assert b"1234567" not in base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


@pytest.mark.parametrize("words", ["", "é", "a", "????", "a" * 50, "=" * 9])
def test_what_is_no_cursor_is_refused(words: str) -> None:
    with pytest.raises(paging.CursorInvalid):
        paging.decode_cursor(words)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"GUIYI_SEAL_KEY": ""}, "GUIYI_SEAL_KEY is not set"),
        ({"GUIYI_SEAL_KEY": "AAAA"}, "must be 16 bytes"),
        ({"GUIYI_INDEX_KEY": "~"}, "not base64"),
        ({"GUIYI_DATA_KEYS": "nocolon"}, "name:value"),
        ({"GUIYI_ENV": "staging"}, "GUIYI_ENV"),
        ({"OFFICIAL_ACCOUNTS": "wx1:s"}, "OFFICIAL_ACCOUNTS names a mini-program"),
        ({"WECHAT_PUSH": "wx9:token/" + "a" * 43}, "WECHAT_PUSH names an account"),
        ({"WECHAT_PUSH": "wx1:token/short"}, "WECHAT_PUSH of wx1"),
        ({"SMS_ACCESS_KEY": "id-without-secret"}, "SMS_ACCESS_KEY"),
        ({"GUIYI_ENV": "production", "GUIYI_TEST_CLOCK": "1"}, "nobody moves the time"),
    ],
)
def test_a_wrong_environment_is_named(change: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        read_settings(ENVIRON | change)


def test_secrets_do_not_show_in_the_settings_text() -> None:
    config = read_settings(ENVIRON | {"MINIPROGRAM_SECRET": "hush-hush", "OPEN_API_SECRETS": "a:hush-too"})
    assert "hush" not in repr(config)
    assert config.shop_secrets == {"a": "hush-too"}


def test_each_account_of_the_brand_has_its_own_secrets() -> None:
    key, former = "a" * 43, "b" * 43
    config = read_settings(
        ENVIRON
        | {
            "MINIPROGRAMS": "wx2:hush-2",
            "OFFICIAL_ACCOUNTS": "wx3:hush-3,wx4:hush-4",
            "WECHAT_PUSH": f"wx3:hush-token/{key}/{former},wx4:hush-plain",
        }
    )
    assert "hush" not in repr(config)
    assert key not in repr(config)
    assert [(account.appid, account.kind) for account in config.wechat_accounts.values()] == [
        ("wx1", "miniprogram"),
        ("wx2", "miniprogram"),
        ("wx3", "official_account"),
        ("wx4", "official_account"),
    ]
    third, fourth = config.wechat_accounts["wx3"], config.wechat_accounts["wx4"]
    assert (third.secret, third.push_token, third.push_keys) == ("hush-3", "hush-token", (key, former))
    assert (fourth.push_token, fourth.push_keys) == ("hush-plain", ())


def test_a_calendar_day_of_the_brand_begins_at_sixteen_utc() -> None:
    day = dt.date(2026, 5, 20)
    assert clock.start_of_day(day) == dt.datetime(2026, 5, 19, 16, tzinfo=dt.UTC)
    assert clock.end_of_day(day) == dt.datetime(2026, 5, 20, 16, tzinfo=dt.UTC)
    assert clock.brand_day(dt.datetime(2026, 5, 20, 15, 59, tzinfo=dt.UTC)) == day


@dataclasses.dataclass(frozen=True)
class Rang:
    bell: int


@dataclasses.dataclass(frozen=True)
class Echoed:
    bell: int


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    from collections import defaultdict

    monkeypatch.setattr(facts, "_reactions", defaultdict(list))
    monkeypatch.setattr(facts, "_questions", defaultdict(list))
    return []


def test_reactions_run_in_wiring_order_breadth_first_and_in_batches(heard: list[str]) -> None:
    @facts.reacts_to(Rang)
    def ground_floor(batch: list[Rang]) -> None:
        heard.append(f"ground {[fact.bell for fact in batch]}")
        facts.announce([Echoed(fact.bell) for fact in batch])

    @facts.reacts_to(Rang)
    def first_floor(batch: list[Rang]) -> None:
        heard.append("first")

    @facts.reacts_to(Echoed)
    def listens(batch: list[Echoed]) -> None:
        heard.append(f"echo {len(batch)}")

    facts.announce([Rang(1), Rang(2)])
    assert heard == ["ground [1, 2]", "first", "echo 2"]


def test_an_error_in_a_reaction_reaches_the_announcer_and_leaves_nothing_waiting(heard: list[str]) -> None:
    @facts.reacts_to(Rang)
    def breaks(batch: list[Rang]) -> None:
        facts.announce([Echoed(1)])
        raise RuntimeError("no")

    @facts.reacts_to(Echoed)
    def listens(batch: list[Echoed]) -> None:
        heard.append("echo")

    with pytest.raises(RuntimeError):
        facts.announce([Rang(1)])
    facts.announce([])
    assert heard == []


def test_a_hearing_collects_every_objection(heard: list[str]) -> None:
    @facts.hears(Rang)
    def objects(proposal: Rang) -> list[facts.Objection]:
        return [facts.Objection("bells.loud", {"bell": proposal.bell})]

    @facts.hears(Rang)
    def agrees(proposal: Rang) -> list[facts.Objection]:
        return []

    assert facts.ask(Rang(3)) == [facts.Objection("bells.loud", {"bell": 3})]


@policy.policy("toy")
@dataclasses.dataclass(frozen=True)
class ToyPolicy:
    days: int = 7
    word: str = "a"


def test_the_brand_changes_some_settings_and_keeps_the_other_defaults(database: object) -> None:
    assert policy.current(ToyPolicy) == ToyPolicy()
    policy.change(ToyPolicy, days=9)
    assert policy.change(ToyPolicy, word="b") == ToyPolicy(days=9, word="b")
    with pytest.raises(policy.PolicyUnknown):
        policy.change(ToyPolicy, hours=1)


def test_a_setting_that_a_newer_version_dropped_does_not_stop_it(database: object) -> None:
    row = policy.BrandPolicy(name="toy", values={"days": 9, "dropped": True})
    db.session.add(row)
    db.session.flush()
    assert policy.current(ToyPolicy) == ToyPolicy(days=9)


@pytest.mark.usefixtures("database")
def test_an_error_of_the_database_tells_no_values() -> None:
    with pytest.raises(DataError) as failed:
        db.session.execute(text("SELECT CAST(:number AS bigint), :name"), {"number": 2**70, "name": "林晓月"})
    assert "林晓月" not in str(failed.value)
    assert "SELECT CAST" in str(failed.value)
