"""POST /wxa/business/getuserphonenumber and checkencryptedmsg (fact sheet B3, B4)."""

from typing import Any

from sandbox.platform.calls import Call, endpoint, ok, text
from sandbox.platform.errors import PlatformError
from sandbox.world import Person
from sandbox.world.codes import CodeKind, CodeState


@endpoint("/wxa/business/getuserphonenumber", method="POST")
def getuserphonenumber(call: Call) -> dict[str, Any]:
    """The code of the phone button (never a login code) becomes a phone number, once."""
    if call.app.personal:
        raise PlatformError(48001)
    given = text(call.body, name="code")
    state, code = call.world.codes.look(given, kind=CodeKind.PHONE, appid=call.app.appid, now=call.now)
    if state is CodeState.OTHER_APP:
        raise PlatformError(40013)
    if state is not CodeState.FRESH or code is None:
        raise PlatformError(40029)
    person = call.world.person(code.person_id)
    openid = text(call.body, name="openid")
    if openid and openid != person.openid_in(call.app.appid):
        raise PlatformError(40003)
    code.used = True
    return ok(phone_info=_phone_info(call, person=person))


def _phone_info(call: Call, *, person: Person) -> dict[str, Any]:
    country: str | int = person.country_code
    if call.world.switches.country_code_as_number:
        country = int(country)
    return {
        "phoneNumber": person.full_phone,
        "purePhoneNumber": person.phone,
        "countryCode": country,
        "watermark": {"timestamp": int(call.now), "appid": call.app.appid},
    }


@endpoint("/wxa/business/checkencryptedmsg", method="POST")
def checkencryptedmsg(call: Call) -> dict[str, Any]:
    """Whether encrypted data came from the platform; the answer's key really is spelled `vaild`."""
    wanted = text(call.body, name="encrypted_msg_hash")
    if not wanted:
        raise PlatformError(40097)
    appid, created_at = call.world.encrypted_hashes.get(wanted.lower(), ("", 0))
    mine = appid == call.app.appid
    return ok(vaild=mine, create_time=created_at if mine else 0)
