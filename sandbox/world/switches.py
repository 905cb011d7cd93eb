"""Points on which sources disagree or deployments differ; each can be turned while the sandbox runs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from sandbox.world.apps import BadWorldInput


@dataclass(slots=True)
class Switches:
    """Defaults follow the platform's own documents."""

    pools_collide: bool = False
    country_code_as_number: bool = False
    refuse_escaped_bodies: bool = False
    reused_login_code_is_40029: bool = False
    login_reply_has_errcode: bool = False
    login_reply_has_expires_in: bool = False
    send_reply_has_msgid: bool = False
    text_plain_replies: bool = False
    amount_needs_sign: bool = True
    time_takes_date: bool = False
    illegal_scene_errcode: int = 40129
    session_key_kept_on_open: bool = False
    push_automatic: bool = True
    push_deliveries: int = 3
    push_pause_seconds: float = 5.0
    push_timeout_seconds: float = 5.0
    job_finish_seconds: float = 1.0
    service_messages_after_message: int = 5
    template_per_person_minute: int = 0
    user_info_as_before_2021: bool = False
    parallel_tagging_fails: bool = False
    web_visitors_are_snapshots: bool = False
    web_sex_as_text: bool = False

    def change(self, body: Mapping[str, Any]) -> None:
        """Sets what the body names; unknown names and wrong types raise BadWorldInput."""
        kinds = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        for name, value in body.items():
            whole_seconds = kinds.get(name) is float and type(value) is int
            if name not in kinds or not (type(value) is kinds[name] or whole_seconds):
                raise BadWorldInput(f"no switch {name} with a value like {value!r}")
        for name, value in body.items():
            setattr(self, name, kinds[name](value))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
