"""Every documented operation against generated requests, good and bad: no 5xx, no answer that the document does not name.

Each is called by who may call it, with ids of that person's own things, of another person's, or invented ones.
"""

import itertools
from typing import Any

import flask
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from schemathesis import checks
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.generation.meta import ParameterLocation
from schemathesis.specs.openapi import checks as openapi_checks

from tests.conftest import FULL_SIZE
from tests.doors.callers import Callers, arrange
from tests.signing import Signing

EXAMPLES = 60 if FULL_SIZE else 3
CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.negative_data_rejection,
]
# They refuse a bad report or event in its outcome, one by one, so that it spoils no other.
REFUSES_IN_OUTCOMES = {"POST /open/v1/orders", "POST /open/v1/observations", "POST /mp/v1/events"}
KINDS = {"consumer": "member", "staff": "admin", "machine": "anonymous", None: "anonymous"}
_keys = itertools.count(1)


@pytest.fixture
def callers(application: flask.Flask, database: object) -> Callers:
    """Everybody, in the test's own transaction."""
    return arrange()


def fill(case: schemathesis.Case, here: Callers, ids: str) -> None:
    """Put in true ids where invented ones would only ever be unknown."""
    if case.meta is not None and case.meta.generation.mode == GenerationMode.NEGATIVE:
        return
    true = here.owned if ids == "own" else here.foreign if ids == "foreign" else {}
    case.path_parameters = {name: true.get(name, value) for name, value in (case.path_parameters or {}).items()}
    if ids == "own":
        _put(case.body, here.values)
        _put(case.query, here.values)


def _put(given: Any, values: dict[str, Any]) -> None:
    if isinstance(given, dict):
        for name in set(given) & set(values):
            given[name] = values[name]


def _lacks_header(case: schemathesis.Case) -> bool:
    """A request that is wrong for want of the signature: `Signing` would mend it. test_guards asks without."""
    part = case.meta.components.get(ParameterLocation.HEADER) if case.meta else None
    return part is not None and part.mode == GenerationMode.NEGATIVE


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind], ids=str)
def test_no_answer_surprises(kind: str, application: flask.Flask, callers: Callers, platform: object) -> None:
    document = schemathesis.openapi.from_wsgi("/openapi.json", Signing(application))
    surprises: dict[str, str] = {}
    for found in document.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        security = next(iter(next(iter(operation.definition.raw.get("security", [])), {})), "consumer")
        if security != kind:
            continue
        try:
            examine(operation, callers, KINDS[kind])
        except (Exception, BaseExceptionGroup) as error:
            surprises[operation.label] = str(error)
    assert not surprises, "\n\n".join(f"{label}: {words}" for label, words in surprises.items())


def examine(operation: Any, callers: Callers, caller: str) -> None:
    """Generated requests for one operation."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=not FULL_SIZE,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=st.one_of(operation.as_strategy(generation_mode=mode) for mode in GenerationMode),
        ids=st.sampled_from(["own", "own", "foreign", "invented"]),
    )
    def requests(case: schemathesis.Case, ids: str) -> None:
        assume(not (case.operation.path.startswith("/open/") and _lacks_header(case)))
        fill(case, callers, ids)
        headers = callers.sign_in(caller)
        if "Idempotency-Key" in (case.headers or {}):
            headers["Idempotency-Key"] = f"key-{next(_keys):012}"
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=CHECKS[: -1 if operation.label in REFUSES_IN_OUTCOMES else None])
        if (
            caller == "member"
            and ids == "foreign"
            and case.path_parameters
            and set(case.path_parameters) <= set(callers.foreign)
        ):
            assert answer.status_code in (404, 422), f"another person's: {answer.status_code}"

    requests()
