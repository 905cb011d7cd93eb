"""Refusals: normal answers that say no. A room's `refusals.py` subclasses them with a code, a Chinese title and data.

`code` is stable and dotted (`points.insufficient`), `title` may be shown to the person, `advice` says what to do next.
`app.web` turns them into problem documents; nothing else is caught as a refusal.
"""

from typing import Any, ClassVar


class Refusal(Exception):
    """What the product declines to do, with the facts of why. Never raised itself: use a kind below."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "暂时不能这样做"
    advice: ClassVar[str] = ""

    def __init__(self, **data: Any) -> None:
        super().__init__(f"{self.code} {data}" if data else self.code)
        self.data = data


class NotFound(Refusal):
    """It does not exist, or not for this caller: the two are never told apart."""

    status = 404
    code = "not_found"
    title = "没有找到"


class Forbidden(Refusal):
    status = 403
    code = "forbidden"
    title = "没有权限"


class Unauthenticated(Refusal):
    status = 401
    code = "unauthenticated"
    title = "请先登录"


class Conflict(Refusal):
    """The state of things speaks against it: sold out, already done, taken by somebody else."""

    status = 409
    code = "conflict"
    title = "状态已变化，请刷新后再试"


class Unprocessable(Refusal):
    """Well-formed, but its content cannot be carried out."""

    status = 422
    code = "unprocessable"
    title = "内容不符合要求"


class TooOften(Refusal):
    status = 429
    code = "too_often"
    title = "操作太频繁，请稍后再试"


class Unavailable(Refusal):
    """An outside company does not answer; nothing was changed, try again."""

    status = 503
    code = "unavailable"
    title = "服务繁忙，请稍后再试"
