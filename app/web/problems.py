"""Every error leaves as a problem document (RFC 9457) with a stable `code`, a Chinese `title` and the trace id."""

import logging
from http import HTTPStatus
from typing import Any

import flask
import marshmallow as ma
import psycopg
import redis
import sqlalchemy.exc
from werkzeug.exceptions import HTTPException

from app.kernel.database import was_given_up
from app.kernel.errors import Refusal, Unavailable
from app.web.pages import Pages, current_page
from app.web.tracing import trace_id

CONTENT_TYPE = "application/problem+json"
log = logging.getLogger("guiyi.web")

_HTTP_WORDS = {
    400: ("request.malformed", "请求格式有误", "请求体须是 JSON"),
    401: ("unauthenticated", "请先登录", "带上登录后得到的凭证再试"),
    403: ("forbidden", "没有权限", ""),
    404: ("not_found", "没有找到", ""),
    405: ("request.method_not_allowed", "不支持这种请求方法", "可用的方法见 Allow"),
    406: ("request.not_acceptable", "不支持这种返回格式", ""),
    413: ("request.too_large", "请求内容太大", "分成几次再传"),
    415: ("request.unsupported_type", "不支持这种内容格式", "请用 application/json"),
    422: ("request.invalid", "有些内容填得不对", "逐项看 errors"),
    429: ("too_often", "操作太频繁，请稍后再试", ""),
}


class ProblemDocument(ma.Schema):
    """What every error looks like."""

    type = ma.fields.String(required=True, metadata={"example": "about:blank"})
    title = ma.fields.String(required=True, metadata={"example": "有些内容填得不对"})
    status = ma.fields.Integer(required=True, metadata={"example": 422})
    detail = ma.fields.String(metadata={"example": "逐项看 errors"})
    code = ma.fields.String(required=True, metadata={"example": "request.invalid"})
    errors = ma.fields.Dict(metadata={"description": "field → messages", "example": {"phone": ["必填"]}})
    data = ma.fields.Dict(metadata={"description": "facts of the refusal", "example": {"balance": 20}})
    trace_id = ma.fields.String(required=True, metadata={"example": "4f1c2d3e4b5a69788796a5b4c3d2e1f0"})


def problem(status: int, code: str, title: str, **more: Any) -> flask.Response:
    """A problem document as a response; empty members are left out. On a page: a page that says the same."""
    if (page := current_page()) is not None:
        return _shown(page, status, title, more.get("detail") or "")
    body = {"type": "about:blank", "title": title, "status": status, "code": code, "trace_id": trace_id()}
    body |= {name: value for name, value in more.items() if value}
    response = flask.jsonify(body)
    response.status_code = status
    response.content_type = CONTENT_TYPE
    return response


def _shown(page: Pages, status: int, title: str, detail: str) -> flask.Response:
    if status == HTTPStatus.UNAUTHORIZED and page.sign_in:
        answer = flask.make_response("", 303)
        answer.headers["HX-Redirect" if flask.request.headers.get("HX-Request") else "Location"] = page.sign_in
        return answer
    values = {"title": title, "detail": detail, "trace_id": trace_id(), "back": page.blueprint.url_prefix}
    text = flask.render_template("web/trouble.html", **values)
    return flask.make_response(text, status)


def refused(error: Refusal) -> flask.Response:
    """A refusal is a normal answer: told, logged at info, never alarmed."""
    log.info("refused", extra={"code": error.code, "refusal": str(error)})
    return problem(error.status, error.code, error.title, detail=error.advice, data=error.data)


def _http_error(error: HTTPException) -> flask.Response:
    if error.response is not None and error.code is None:
        return flask.make_response(error.response)
    status = error.code or 500
    messages = getattr(error, "data", None) or {}
    code, title, detail = _HTTP_WORDS.get(
        status, (f"http.{status}", "请求未能完成", HTTPStatus(status).phrase if status in list(HTTPStatus) else "")
    )
    response = problem(status, code, title, detail=detail, errors=messages.get("messages") or messages.get("errors"))
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After", "WWW-Authenticate"}:
            response.headers[name] = value
    return response


def _form_error(error: ma.ValidationError) -> flask.Response:
    """A page's form with something missing; JSON routes answer the same before it comes here."""
    code, title, detail = _HTTP_WORDS[422]
    return problem(422, code, title, detail=detail, errors=error.messages)


def _away(error: Exception) -> flask.Response:
    log.error("a server behind us does not answer", exc_info=error)
    response = refused(Unavailable())
    response.headers["Retry-After"] = "2"
    return response


def _defect(error: Exception) -> flask.Response:
    if was_given_up(error):  # each time it was tried, or where it cannot be tried again
        return _away(error)
    log.exception("unexpected error")
    return problem(500, "internal", "系统出错了，请稍后再试", detail="把 trace_id 告诉客服")


def register(app: flask.Flask) -> None:
    """Give the application its error handlers."""
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(ma.ValidationError, _form_error)
    for away in (
        redis.ConnectionError,
        redis.TimeoutError,
        sqlalchemy.exc.TimeoutError,
        psycopg.OperationalError,
        sqlalchemy.exc.OperationalError,
    ):
        app.register_error_handler(away, _away)
    app.register_error_handler(Exception, _defect)
