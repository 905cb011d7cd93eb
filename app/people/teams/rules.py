"""Roles as data."""

from collections.abc import Mapping

ROLES: Mapping[str, str] = {
    "guide": "导购",
    "clerk": "店员",
    "store_manager": "店长",
    "community": "社群运营",
    "lead": "团队主管",
    "marketer": "营销",
    "analyst": "分析",
    "admin": "管理员",
}
