"""The platform's HTTP interface for mini-programs: paths, parameters, answers and errors as on api.weixin.qq.com."""

from sandbox.platform import codes, content, links, login, network, phone, quota, subscribe, templates, tokens
from sandbox.platform.http import blueprint

__all__ = [
    "blueprint",
    "codes",
    "content",
    "links",
    "login",
    "network",
    "phone",
    "quota",
    "subscribe",
    "templates",
    "tokens",
]
