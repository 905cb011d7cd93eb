"""Signatures and encryption by the published vectors, both ways, and as wechatpy reads them."""

import json

import pytest
from wechatpy.crypto import WeChatWxaCrypto
from wechatpy.utils import check_wxa_signature

from sandbox import demo
from sandbox.world import open_data
from tests.sandbox.playing import Platform, recorded


def test_vector_user_info_decrypts_and_encrypts() -> None:
    vector = recorded("crypto-vectors/mp-userinfo-decrypt")
    key, iv = vector["session_key"], vector["iv"]
    assert open_data.decrypt_text(vector["encrypted_data"], session_key=key, iv=iv) == vector["plaintext"]
    again, used = open_data.encrypt_text(vector["plaintext"], session_key=key, iv=iv)
    assert (again, used) == (vector["encrypted_data"], iv)
    assert open_data.encrypt(json.loads(vector["plaintext"]), session_key=key, iv=iv)[0] == vector["encrypted_data"]


def test_vector_raw_data_signature() -> None:
    vector = recorded("crypto-vectors/mp-rawdata-signature")
    found = open_data.raw_data_signature(vector["raw_data"], session_key=vector["session_key"])
    assert found == vector["signature"]


def test_vector_login_state_signature() -> None:
    vector = recorded("crypto-vectors/mp-login-state-signature")
    key = vector["session_key"]
    assert open_data.login_state_signature(key, message=vector["post_body"]) == vector["signature"]


def test_user_data_is_read_with_the_current_key_only(platform: Platform) -> None:
    person = platform.person()
    path = f"people/{person['person_id']}"
    session = platform.login(platform.world(f"{path}/open")["code"])
    data = platform.world(f"{path}/user_data")
    key = session["session_key"]
    check_wxa_signature(key, data["rawData"], data["signature"])
    plain = WeChatWxaCrypto(key, data["iv"], demo.APPID).decrypt_message(data["encryptedData"])
    assert (plain["openId"], plain["unionId"]) == (person["openid"], person["unionid"])
    newer = platform.login(platform.world(f"{path}/open")["code"])["session_key"]
    assert newer != key
    with pytest.raises(ValueError):  # noqa: PT011 a wrong key shows as bad padding or broken UTF-8
        open_data.decrypt_text(data["encryptedData"], session_key=newer, iv=data["iv"])


def test_encrypted_data_is_recognised_by_its_hash(platform: Platform) -> None:
    person = platform.person()
    data = platform.world(f"people/{person['person_id']}/user_data")
    hashed = {"encrypted_msg_hash": open_data.encrypted_hash(data["encryptedData"])}
    found = platform.post("/wxa/business/checkencryptedmsg", hashed)
    assert found["vaild"] is True
    assert abs(found["create_time"] - platform.http.get("/_world/clock").json["now"]) < 5
    assert platform.post("/wxa/business/checkencryptedmsg", {"encrypted_msg_hash": "0" * 64})["vaild"] is False


def test_group_id_is_stable_per_group_and_app(platform: Platform) -> None:
    person = platform.person()
    path = f"people/{person['person_id']}"
    key = platform.login(platform.world(f"{path}/open")["code"])["session_key"]
    found = []
    for group in ("甲", "甲", "乙"):
        data = platform.world(f"{path}/user_data", group=group)
        found.append(WeChatWxaCrypto(key, data["iv"], demo.APPID).decrypt_message(data["encryptedData"])["openGId"])
    assert found[0] == found[1] != found[2]


def test_session_key_may_be_kept_when_the_miniprogram_is_opened_again(platform: Platform) -> None:
    platform.world("switches", session_key_kept_on_open=True)
    path = f"people/{platform.person()['person_id']}/open"
    keys = {platform.login(platform.world(path)["code"])["session_key"] for _ in range(2)}
    assert len(keys) == 1
    platform.world("clock", advance=3 * 86400 + 1)
    assert platform.login(platform.world(path)["code"])["session_key"] not in keys
