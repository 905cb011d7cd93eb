"""What can be asked of the platform about an account: whether our secret works, what is left of a quota, who reaches us."""

from dataclasses import dataclass

from app.gateways.wechat.client import ask, fields

NO_ADDRESS = 40201


@dataclass(frozen=True)
class Quota:
    """Calls of one path a day, as the platform counts them; `limit` 0: no daily limit is set."""

    limit: int
    used: int
    remain: int


def prove_access(appid: str) -> None:
    """Fetch a token where none is kept and use it: raises PlatformRefused when secret or IP list are wrong."""
    ask(appid, "get", "/cgi-bin/get_api_domain_ip")


def quota(appid: str, path: str) -> Quota:
    """What the platform says of a path's quota. RequestInvalid with 76022: this account may not call it."""
    answer = fields(ask(appid, "post", "/cgi-bin/openapi/quota/get", data={"cgi_path": path}), "quota")["quota"]
    return Quota(int(answer["daily_limit"]), int(answer["used"]), int(answer["remain"]))


def loss_to_us(appid: str) -> float:
    """The share of the platform's packets that get lost on the way to our push address, 0 to 1, as the platform measures it.

    RequestInvalid with 40201: no address is entered at the platform.
    """
    body = {"action": "all", "check_operator": "DEFAULT"}
    answer = fields(ask(appid, "post", "/cgi-bin/callback/check", data=body), "ping")
    lost = [float(str(one.get("package_loss", "100%")).rstrip("%")) for one in answer["ping"] or [{}]]
    return sum(lost) / len(lost) / 100
