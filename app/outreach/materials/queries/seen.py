"""All purposes and all words, loaded together: some dozens of rows, asked for by every message."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, event, select
from sqlalchemy.engine import RowMapping

from app.kernel.cached import Cached
from app.kernel.database import db, reading
from app.outreach.materials.models import PlatformTemplate, Purpose, Words
from app.outreach.materials.refusals import PurposeUnknown
from app.outreach.materials.rules.saying import PurposeView, WordsView

Key = tuple[int, str, str]


def _purpose_rows() -> Select[Any]:
    return select(*Purpose.__table__.columns).order_by(Purpose.priority, Purpose.id)


def purpose_of(row: RowMapping) -> PurposeView:
    """A purpose's row as others see it."""
    return PurposeView(**{**row, "channels": tuple(row["channels"])})


def _load_purposes() -> dict[str, PurposeView]:
    with reading() as connection:
        rows = connection.execute(_purpose_rows()).mappings().all()
    return {row["code"]: purpose_of(row) for row in rows}


def words_with_lists() -> Select[Any]:
    """Every row of words with the fields of its platform template, as far as that is known."""
    of_template = and_(PlatformTemplate.account == Words.account, PlatformTemplate.template_id == Words.template_id)
    known = PlatformTemplate.fields.label("known")
    return select(*Words.__table__.columns, known).outerjoin(PlatformTemplate, of_template)


def words_of(row: RowMapping) -> WordsView:
    """A row of `words_with_lists` as others see it."""
    known = row["known"] or {}
    shipped = row["shipped"]
    said = {name: row[name] for name in ("fields", "body", "link", "page")}
    return WordsView(
        purpose_id=row["purpose_id"],
        channel=row["channel"],
        account=row["account"],
        template_id=row["template_id"],
        **said,
        builtin=shipped is not None and shipped == said,
        resettable=shipped is not None,
        changed_at=row["changed_at"],
        changed_by=row["changed_by"],
        choices={key: tuple(each["choices"]) for key, each in known.items() if each.get("choices")},
    )


def _load_words() -> dict[Key, WordsView]:
    with reading() as connection:
        rows = connection.execute(words_with_lists()).mappings().all()
    return {(row["purpose_id"], row["channel"], row["account"]): words_of(row) for row in rows}


_purposes, _words = Cached(_load_purposes), Cached(_load_words)


def forget() -> None:
    """Drop what this process has cached: now, and again once this transaction's changes can be seen by others."""
    _drop()
    event.listen(db.session(), "after_commit", _drop, once=True)


def _drop(session: object = None) -> None:
    _purposes.forget()
    _words.forget()


def all_purposes() -> list[PurposeView]:
    """Every purpose, the most urgent first."""
    return list(_purposes.get().values())


def find(code: str) -> PurposeView:
    """The purpose with this code. Raises PurposeUnknown."""
    found = _purposes.get().get(code)
    return found or _look(Purpose.code == code)


def get(purpose_id: int) -> PurposeView:
    """The purpose with this id. Raises PurposeUnknown."""
    for purpose in _purposes.get().values():
        if purpose.id == purpose_id:
            return purpose
    return _look(Purpose.id == purpose_id)


def _look(which: ColumnElement[bool]) -> PurposeView:
    """One that was made just now, perhaps by the transaction that asks."""
    row = db.session.execute(_purpose_rows().where(which)).mappings().one_or_none()
    if row is None:
        raise PurposeUnknown
    return purpose_of(row)


def list_words(purpose_ids: Collection[int]) -> dict[Key, WordsView]:
    """All words of these purposes by (purpose_id, channel, account); those of a purpose made just now included."""
    wanted = set(purpose_ids)
    found = {key: words for key, words in _words.get().items() if key[0] in wanted}
    if unseen := wanted - {key[0] for key in found}:
        rows = db.session.execute(words_with_lists().where(Words.purpose_id.in_(unseen))).mappings()
        found |= {(row["purpose_id"], row["channel"], row["account"]): words_of(row) for row in rows}
    return found
