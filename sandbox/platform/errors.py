"""Refusals of the platform: an errcode and a text. Texts are the recorded ones where a recording exists."""

from sandbox.platform.account_texts import ACCOUNT_TEXTS

TEXTS: dict[int, str] = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest, could get access_token by "
    "getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40014: "invalid access_token",
    40029: "invalid code",
    40033: "invalid charset. please check your request, if include \\uxxxx will create fail!",
    40035: "invalid parameter",
    40036: "invalid template_id size",
    40037: "invalid template_id",
    40066: "invalid url",
    40097: "invalid args",
    40125: "invalid appsecret",
    40129: "invalid scene",
    40163: "code been used",
    40164: "not in whitelist",
    40165: "invalid weapp pagepath",
    40169: "invalid length for scene, or the data is not json string",
    40201: "callback url is not set",
    40202: "invalid action",
    40203: "invalid check_operator",
    40212: "invalid query",
    40226: "code blocked",
    40243: "appsecret is frozen",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41008: "missing code",
    41009: "missing openid",
    41030: "invalid page",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    43019: "user in black list",
    43101: "user refuse to accept the msg",
    43104: "appid not match openid",
    43107: "subscribe message ability is banned",
    43108: "concurrent sending to the same user, please send one by one",
    43116: "this template is forbidden",
    43117: "Sending messages to this openid too frequently,please try later",
    43302: "require POST method",
    44002: "empty post data",
    44003: "empty news data",
    44004: "empty content",
    44990: "reach frequency limit, try later",
    44993: "reach max daily limit of url links",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit mustslower retry next minute",
    45008: "article size out of limit",
    45015: "response out of time limit or subscription is canceled",
    45026: "template num exceeds limit",
    45029: "qrcode count out of limit",
    45047: "out of response count limit",
    45072: "command field must be either Typing or CancelTyping",
    45080: "no interaction with this user in 30 seconds",
    45081: "typing already in progress",
    45168: "sensitive word",
    47001: "data format error",
    47003: "argument invalid!",
    48001: "api unauthorized",
    48002: "user block receive message",
    48006: "forbid to clear quota because of reaching the limit",
    61010: "user access record is expired",
    76001: "rid not found",
    76002: "invalid rid",
    76003: "rid belongs to another account",
    76004: "rid is out of date",
    76021: "cgi_path not found",
    76022: "no permission to use this cgi_path",
    85079: "miniprogram has no online release",
    85088: "no cloud base env",
    85096: "scene cannot contain scancode_time",
    85401: "expire time out of range, it must be between 1 minute and 30 days",
    85402: "invalid env_version",
    87008: "invalid sig_method",
    87009: "invalid signature",
    87014: "risky content",
    200014: "invalid tid",
    200020: "invalid keyword list",
}

TEXTS |= ACCOUNT_TEXTS


class PlatformError(Exception):
    """Becomes `{"errcode", "errmsg"}` with HTTP 200."""

    def __init__(self, errcode: int, *, text: str | None = None) -> None:
        super().__init__(errcode)
        self.errcode = errcode
        self.text = text if text is not None else TEXTS.get(errcode, "invalid request")


def errmsg(text: str, *, rid: str, path: str) -> str:
    """The login family puts a comma before the rid, the others a blank."""
    return f"{text}, rid: {rid}" if path.startswith("/sns/") else f"{text} rid: {rid}"
