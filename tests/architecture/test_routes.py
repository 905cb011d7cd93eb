"""What every route keeps: a guard that was chosen on purpose, and a summary."""

import flask


def test_every_route_has_a_guard(application: flask.Flask) -> None:
    bare = [
        f"{sorted(rule.methods - {'HEAD', 'OPTIONS'})} {rule.rule}"
        for rule in application.url_map.iter_rules()
        if not hasattr(application.view_functions[rule.endpoint], "guard") and rule.endpoint not in PUBLIC
    ]
    assert not bare, f"declare it through app.web.endpoint.Door, with a guard or with `anybody`: {bare}"


# The library's own page of the OpenAPI document; it shows what anybody may know.
PUBLIC = {"api-docs.openapi_json"}


def test_every_operation_says_what_it_does(application: flask.Flask) -> None:
    document = application.test_client().get("/openapi.json").get_json()
    silent = [
        f"{method} {path}"
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters" and not operation.get("summary")
    ]
    assert not silent, f"the first line of the view's docstring is its summary: {silent}"
