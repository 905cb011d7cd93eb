"""The rules of the house, as tests. A failure message tells the reader what to do instead."""

import ast
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
WINGS = ["people", "trade", "membership", "knowledge", "activities", "outreach", "reports"]
DOORS = ["miniprogram_api", "official_account", "wecom", "console", "open_api", "jobs", "command_line"]
FURNITURE = {
    "__init__", "facts", "rules", "models", "queries", "operations", "refusals", "errands", "reactions",
}  # fmt: skip
BANNED_NAMES = {"utils", "helpers", "common", "service", "services", "manager", "managers", "util", "helper"}
ROOMS = sorted(
    f"{wing}.{room.name}"
    for wing in WINGS
    if (ROOT / "app" / wing).is_dir()
    for room in (ROOT / "app" / wing).iterdir()
    if room.is_dir() and room.name != "__pycache__"
)
CODE = sorted(
    path
    for folder in ["app", *DOORS, "sandbox", "workbench", "benchmarks", "migrations"]
    for path in (ROOT / folder).rglob("*.py")
    if "node_modules" not in path.parts
)
PRODUCT = [path for path in CODE if path.relative_to(ROOT).parts[0] in {"app", *DOORS}]
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def where(path: Path, line: int | None = None) -> str:
    name = str(path.relative_to(ROOT))
    return f"{name}:{line}" if line else name


def functions(paths: list[Path]) -> list[tuple[Path, ast.FunctionDef]]:
    return [
        (path, node)
        for path in paths
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def body_length(node: ast.FunctionDef) -> int:
    """Lines of a function's body without its docstring."""
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return body[-1].end_lineno - body[0].lineno + 1


@pytest.fixture(scope="session")
def imports() -> grimp.ImportGraph:
    doors = [door for door in DOORS if (ROOT / door / "__init__.py").exists()]
    return grimp.build_graph("app", *doors, cache_dir=None)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_entered_by_its_front_door(imports: grimp.ImportGraph, room: str) -> None:
    door = f"app.{room}"
    inside = {door} | imports.find_descendants(door)
    trespassers = {
        (importer, target)
        for target in inside - {door}
        for importer in imports.find_modules_that_directly_import(target)
        if importer not in inside and importer != "app.wiring"
    }
    assert not trespassers, f"import {door} instead and let its front door name what you need: {sorted(trespassers)}"


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_the_known_furniture_and_says_what_it_promises(room: str) -> None:
    folder = ROOT / "app" / room.replace(".", "/")
    found = {path.stem for path in folder.iterdir() if path.name != "__pycache__" and path.suffix in {"", ".py"}}
    assert found <= FURNITURE, f"unexpected in app/{room}: {sorted(found - FURNITURE)}; see docs/architecture.md"
    docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
    assert "Promises:" in docstring, f"the front door of {room} must say in its docstring what the room promises"


@pytest.mark.parametrize("room", ROOMS)
def test_a_front_door_is_small(room: str) -> None:
    tree = ast.parse((ROOT / "app" / room.replace(".", "/") / "__init__.py").read_text())
    names = [
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[-1] not in {"facts", "refusals"}
        for alias in node.names
    ]
    doing = [name for name in names if name[0].islower()]
    assert len(doing) <= 15, f"{room} offers {len(doing)} operations and queries; a deep room has a small door"


def test_wiring_names_every_room(imports: grimp.ImportGraph) -> None:
    wired = imports.find_modules_directly_imported_by("app.wiring")
    missing = [room for room in ROOMS if not any(name.startswith(f"app.{room}") for name in wired)]
    assert not missing, f"import in app/wiring.py, so that tables and reactions are known: {missing}"


def test_only_the_unit_of_work_commits() -> None:
    offenders = [
        where(path, node.lineno)
        for path in PRODUCT
        if path != ROOT / "app/kernel/database.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "rollback"}
    ]
    assert not offenders, f"wrap the entrance in unit_of_work() instead: {offenders}"


def test_only_the_clock_reads_the_time() -> None:
    offenders = [
        where(path, node.lineno)
        for path in PRODUCT
        if path != ROOT / "app/kernel/clock.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (
            (node.func.attr in {"now", "utcnow", "today"} and ast.unparse(node.func.value).split(".")[-1] in
             {"datetime", "date", "func"})
            or ast.unparse(node.func) == "time.time"
        )
    ]  # fmt: skip
    assert not offenders, f"take `now` as an argument, from app.kernel.clock at the door: {offenders}"


def test_no_table_asks_the_server_for_the_time() -> None:
    offenders = [
        where(path) for path in [*PRODUCT, *(ROOT / "migrations").rglob("*.py")]
        if any(word in path.read_text() for word in ("server_default=func.now", "CURRENT_TIMESTAMP", "now()\""))
        and "clock" not in path.name and path != ROOT / "app/kernel/clock.py"
    ]  # fmt: skip
    assert not offenders, f"the clock decides the time, not the server: {offenders}"


def test_no_file_outgrows_its_room() -> None:
    too_long = {where(path): n for path in CODE + TESTS if (n := len(path.read_text().splitlines())) > 400}
    assert not too_long, f"split by subject into a package of the same name: {too_long}"


def test_no_function_outgrows_its_file() -> None:
    too_long = {
        where(path, node.lineno): body_length(node)
        for path, node in functions([path for path in CODE if "versions" not in path.parts])
        if body_length(node) > 40
    }
    assert not too_long, f"name the steps: {too_long}"


def test_no_test_outgrows_a_glance() -> None:
    too_long = {
        where(path, node.lineno): body_length(node)
        for path, node in functions(TESTS)
        if node.name.startswith("test_") and body_length(node) > 30
    }
    assert not too_long, f"move the arranging into named fixtures: {too_long}"


def test_parameters_are_few_and_named() -> None:
    crowded = {
        where(path, node.lineno): count
        for path, node in functions(CODE)
        if (count := len(node.args.args) + len(node.args.kwonlyargs) - ("self" in [a.arg for a in node.args.args])) > 7
        and node.name != "__init__"
        and not (node.decorator_list and "overload" in ast.unparse(node.decorator_list[0]))
    }
    assert not crowded, f"give them a dataclass: {crowded}"


@pytest.mark.parametrize("room", ROOMS)
def test_operations_are_called_by_keyword(room: str) -> None:
    folder = ROOT / "app" / room.replace(".", "/")
    paths = [path for path in folder.rglob("*.py") if "operations" in path.relative_to(folder).parts[0]]
    positional = [
        where(path, node.lineno)
        for path, node in functions(paths)
        if not node.name.startswith("_") and len(node.args.args) > 1 and node.col_offset == 0
    ]
    assert not positional, f"keyword-only from the second parameter: {positional}"


def test_nothing_is_called_after_nothing() -> None:
    named = [
        where(path) for path in CODE
        if ({part.lower() for part in path.relative_to(ROOT).parts[:-1]} | {path.stem}) & BANNED_NAMES
        and path != ROOT / "workbench/services.py"  # these are servers one can start: services is what they are
    ]  # fmt: skip
    assert not named, f"say what it holds: {named}"


def test_public_functions_of_rooms_say_what_they_do() -> None:
    silent = [
        where(path, node.lineno)
        for path, node in functions([path for path in PRODUCT if path.relative_to(ROOT).parts[0] == "app"])
        if node.col_offset == 0 and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert not silent, f"one imperative sentence, with units and refusals: {silent}"
