"""marshmallow fields that refuse what PostgreSQL would answer with an error: NUL, lone surrogates, too large integers."""

import datetime as dt
import re
from typing import Any

import marshmallow as ma

from app.kernel import ids
from app.kernel.errors import NotFound
from app.kernel.paging import LARGEST_PAGE

LARGEST_INTEGER = 2**63 - 1
# PostgreSQL knows other years, people do not; a margin keeps zone arithmetic inside Python's range.
YEARS = range(1900, 2201)


class Schema(ma.Schema):
    """Every schema of a door: unknown fields are refused, order is kept."""

    class Meta:
        unknown = ma.RAISE


class Text(ma.fields.String):
    """Text without NUL and lone surrogates, at most `longest` characters, not blank unless allowed."""

    def __init__(self, *, longest: int = 200, blank: bool = False, **kwargs: Any) -> None:
        super().__init__(validate=[ma.validate.Length(min=0 if blank else 1, max=longest)], **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise ma.ValidationError("含有不能保存的字符")
        return text


class Whole(ma.fields.Integer):
    """An integer within [least, most]; numbers only, no text, no fraction, no true/false."""

    def __init__(self, *, least: int = 0, most: int = LARGEST_INTEGER, **kwargs: Any) -> None:
        kwargs.setdefault("strict", True)
        super().__init__(validate=[ma.validate.Range(min=least, max=most)], **kwargs)

    def _validated(self, value: Any) -> int:
        if isinstance(value, bool | str):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)  # type: ignore[return-value]


class QueryWhole(Whole):
    """An integer in a query string, where everything is text."""

    def _validated(self, value: Any) -> int:
        if not (isinstance(value, str) and re.fullmatch("-?[0-9]+", value)):
            raise self.make_error("invalid", input=value)
        return super()._validated(int(value[:20]))


class Day(ma.fields.Date):
    """A calendar day (YYYY-MM-DD) of years that people live in."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dt.date:
        day = super()._deserialize(value, attr, data, **kwargs)
        if not isinstance(value, str) or day.year not in YEARS:
            raise self.make_error("invalid", input=value, obj_type="date")
        return day


class Moment(ma.fields.AwareDateTime):
    """RFC 3339 in UTC with Z; comes in with any zone, a zone is required."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        moment = super()._deserialize(value, attr, data, **kwargs)
        if moment.year not in YEARS:
            raise self.make_error("invalid", input=value, obj_type="datetime")
        return moment.astimezone(dt.UTC)


class Sealed(ma.fields.String):
    """An id: bigint inside, opaque outside. A text that is no id of this kind is a field error."""

    def __init__(self, kind: str, **kwargs: Any) -> None:
        self.kind = kind
        super().__init__(**kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else ids.seal(self.kind, value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return ids.unseal(self.kind, text)
        except (NotFound, UnicodeEncodeError):
            raise ma.ValidationError("编号无效") from None


class PageQuery(Schema):
    """`?cursor=…&limit=…` of every list."""

    cursor = Text(longest=500, load_default=None, metadata={"description": "the next_cursor of the page before"})
    limit = QueryWhole(
        least=1, most=LARGEST_PAGE, load_default=20, metadata={"description": "items a page, at most 100"}
    )
