"""The platform's HTTP interface: paths, parameters, answers and errors as on api.weixin.qq.com."""

from sandbox.platform import (
    codes,
    content,
    customer_service,
    links,
    login,
    network,
    phone,
    quota,
    subscribe,
    template_messages,
    templates,
    tokens,
)
from sandbox.platform.http import blueprint

__all__ = [
    "blueprint",
    "codes",
    "content",
    "customer_service",
    "links",
    "login",
    "network",
    "phone",
    "quota",
    "subscribe",
    "template_messages",
    "templates",
    "tokens",
]
