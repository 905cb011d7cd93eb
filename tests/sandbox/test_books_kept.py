"""What an account keeps at the platform outlives the program, where there is a state file."""

from pathlib import Path

from sandbox import Settings, create_app, demo
from tests.sandbox.accounts import Account
from tests.sandbox.playing import Platform


def started(state: Path) -> Platform:
    platform = Platform(create_app(Settings(state_file=str(state))))
    platform.appid, platform.secret = demo.OA_APPID, demo.OA_SECRET
    return platform


def test_tags_menu_and_permanent_codes_survive(tmp_path: Path) -> None:
    account = Account(started(tmp_path / "state.sqlite"))
    account.quietly("follow")
    tag = account.post("/cgi-bin/tags/create", {"tag": {"name": "金卡"}})["tag"]["id"]
    account.post("/cgi-bin/tags/members/batchtagging", {"openid_list": [account.openid], "tagid": tag})
    button = {"type": "click", "name": "积分", "key": "points"}
    account.post("/cgi-bin/menu/create", {"button": [button]})
    scene = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "store 7"}}}
    code = account.post("/cgi-bin/qrcode/create", scene)
    again = started(tmp_path / "state.sqlite")
    assert again.get("/cgi-bin/tags/get")["tags"][-1] == {"id": tag, "name": "金卡", "count": 1}
    assert again.get("/cgi-bin/menu/get")["menu"]["button"] == [{**button, "sub_button": []}]
    stranger = again.person()["person_id"]
    again.world(f"people/{stranger}/scan", ticket=code["ticket"])
    openid = again.http.get(f"/_world/people/{stranger}").json["openids"][demo.OA_APPID]
    assert again.get("/cgi-bin/user/info", openid=openid)["qr_scene_str"] == "store 7"
    assert again.post("/cgi-bin/qrcode/create", scene) == code
    assert again.post("/cgi-bin/tags/create", {"tag": {"name": "新的"}})["tag"]["id"] == tag + 1
