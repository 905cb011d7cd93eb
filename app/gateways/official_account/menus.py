"""The menu under an account's conversation. Clients show a new one within a day, or at once to who follows anew."""

from typing import Any

from app.gateways.wechat.client import ask
from app.gateways.wechat.refusals import RequestInvalid

NO_MENU = 46003


def read(appid: str) -> list[dict[str, Any]]:
    """The buttons of the default menu as the platform holds them; empty when there is none."""
    try:
        answer = ask(appid, "get", "/cgi-bin/menu/get")
    except RequestInvalid as refusal:
        if refusal.data["errcode"] == NO_MENU:
            return []
        raise
    return list((answer.get("menu") or {}).get("button", []))


def write(appid: str, buttons: list[dict[str, Any]]) -> None:
    """Replace the menu: up to three buttons of up to five below each."""
    ask(appid, "post", "/cgi-bin/menu/create", data={"button": buttons})


def delete(appid: str) -> None:
    """Take the menu away, conditional ones too."""
    ask(appid, "get", "/cgi-bin/menu/delete")
