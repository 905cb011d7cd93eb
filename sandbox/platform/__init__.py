"""The platform's HTTP interface for mini-programs: paths, parameters, answers and errors as on api.weixin.qq.com."""

from sandbox.platform import login, phone, tokens
from sandbox.platform.http import blueprint

__all__ = ["blueprint", "login", "phone", "tokens"]
