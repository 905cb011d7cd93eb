"""Alibaba Cloud's interfaces for texts (dysmsapi 2017-05-25) and voice calls (dyvmsapi 2017-05-25), as its SDKs speak."""

from sandbox.aliyun import calls, texts
from sandbox.aliyun.http import blueprint

__all__ = ["blueprint", "calls", "texts"]
