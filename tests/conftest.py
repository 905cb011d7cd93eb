"""One real PostgreSQL and one Valkey for all tests; every test starts on an empty, migrated database.

`database` is a savepoint that is undone, for almost everything. `committed` lets commits be real, for races and for
whatever needs several connections; it empties all tables afterwards. `client` speaks HTTP to the whole product.
"""

import base64
import datetime as dt
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, text
from werkzeug.test import TestResponse

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("GUIYI_SHARED", REPOSITORY.parent / "shared"))
FULL_SIZE = os.environ.get("GUIYI_FULL_SIZE") == "1"
NOW = dt.datetime(2026, 5, 20, 4, 0, tzinfo=dt.UTC)  # a Wednesday, noon in Shanghai
# The same histories every time, so that what passes here passes there; at full size chance looks for new ones.
settings.register_profile("reduced", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("default" if FULL_SIZE else "reduced")
DOORS = ["miniprogram_api", "official_account", "open_api", "wecom", "console"]


def _key(name: str, size: int) -> str:
    return base64.b64encode(hashlib.sha256(name.encode()).digest()[:size]).decode()


def pytest_configure(config: pytest.Config) -> None:
    """The controlling process starts the servers; xdist's workers inherit their addresses."""
    os.environ |= {
        "GUIYI_ENV": "test",
        "GUIYI_TEST_CLOCK": "1",
        "GUIYI_DEMO": "1",
        "GUIYI_SEAL_KEY": _key("seal", 16),
        "GUIYI_INDEX_KEY": _key("index", 32),
        "GUIYI_DATA_KEYS": f"k1:{_key('data', 32)}",
        "MINIPROGRAM_APPID": "wx0123456789abcdef",
        "MINIPROGRAM_SECRET": "sandbox-secret-0123456789abcdef",
        "OFFICIAL_ACCOUNTS": "wxfedcba9876543210:sandbox-secret-fedcba9876543210",
        "WECHAT_PUSH": f"wxfedcba9876543210:oatoken/{'K' * 42}A,wx0123456789abcdef:mptoken/{'M' * 42}A",
        "SMS_ACCESS_KEY": "sandbox-key:sandbox-secret",
        "VOICE_ACCESS_KEY": "sandbox-key:sandbox-secret",
        "SMS_SIGN": "归一",
        "VOICE_SHOWN_NUMBER": "05718888001",
        "TELECOM_PUSH_KEY": "telecom-push-key",
        "OPEN_API_SECRETS": "demo-shop:shop-secret,demo-pos:pos-secret",
        "GUIYI_POOL_SIZE": "64",
    }
    if not hasattr(config, "workerinput") and "GUIYI_TEST_SERVER" not in os.environ:
        from workbench.services import start_postgres, start_valkey

        data = REPOSITORY / ".data"
        config.test_servers = []
        if not os.environ.get("DATABASE_URL"):
            config.test_servers.append(start_postgres(data / "test-postgres", durable=False))
            os.environ["DATABASE_URL"] = config.test_servers[-1].url
        if not os.environ.get("REDIS_URL"):
            config.test_servers.append(start_valkey(data / "test-valkey"))
            os.environ["REDIS_URL"] = config.test_servers[-1].url
        os.environ["GUIYI_TEST_SERVER"] = os.environ["DATABASE_URL"]
        os.environ["GUIYI_TEST_REDIS"] = os.environ["REDIS_URL"]


def pytest_unconfigure(config: pytest.Config) -> None:
    for server in getattr(config, "test_servers", []):
        server.stop()


def _administer(*statements: str) -> None:
    engine = create_engine(os.environ["GUIYI_TEST_SERVER"], isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        # Two workers may build the template at once: the lock makes one of them find it ready.
        connection.execute(text("SELECT pg_advisory_lock(918273645)"))
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def _template() -> str:
    """A migrated database to clone, named after what made it."""
    from migrations import run

    digest = hashlib.sha256()
    for path in sorted((REPOSITORY / "migrations").rglob("*.py")):
        digest.update(path.read_bytes())
    name = f"guiyi_template_{digest.hexdigest()[:12]}"
    server = os.environ["GUIYI_TEST_SERVER"]
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(918273645)"))
        known = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}).scalar()
        if not known:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name}_half"))
            connection.execute(text(f"CREATE DATABASE {name}_half"))
            run.upgrade(f"{server.rsplit('/', 1)[0]}/{name}_half")
            connection.execute(text(f"ALTER DATABASE {name}_half RENAME TO {name}"))
    engine.dispose()
    return name


@pytest.fixture(scope="session")
def database_url(worker_id: str) -> Iterator[str]:
    """This worker's own database, cloned from the template."""
    template = _template()
    name = f"guiyi_{os.getpid()}_{worker_id}"
    _administer(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield f"{os.environ['GUIYI_TEST_SERVER'].rsplit('/', 1)[0]}/{name}"
    _administer(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    return getattr(request.config, "workerinput", {}).get("workerid", "alone")


@pytest.fixture(scope="session")
def application(database_url: str, worker_id: str) -> flask.Flask:
    """The whole product with all its doors."""
    number = 1 + int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 0
    os.environ["DATABASE_URL"] = database_url
    os.environ["REDIS_URL"] = f"{os.environ['GUIYI_TEST_REDIS'].rstrip('/')}/{number}"
    from app.kernel.settings import settings

    settings.cache_clear()
    from app.web.application import create_app

    return create_app(entrances=DOORS)


@pytest.fixture
def _fresh(application: flask.Flask) -> Iterator[None]:
    """What lives outside the transaction: caches of the process, the clock, Redis."""
    from app.kernel import cached, clock, policy
    from app.kernel.redis import client as redis_client

    redis_client().flushdb()
    policy.forget()
    cached.forget_all()
    clock._seen = (float("-inf"), dt.timedelta())
    yield
    clock._seen = (float("-inf"), dt.timedelta())
    policy.forget()
    cached.forget_all()


@pytest.fixture
def database(application: flask.Flask, _fresh: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """A session on an empty database; even a real commit is undone afterwards."""
    from app.kernel.database import db

    with application.app_context():
        connection = db.engine.connect()
        transaction = connection.begin()
        monkeypatch.setitem(db.engines, None, connection)
        yield db.session
        db.session.remove()
        transaction.rollback()
        connection.close()


@pytest.fixture
def committed(application: flask.Flask, _fresh: None) -> Iterator[flask.Flask]:
    """The application with real commits and real connections; every table is emptied afterwards."""
    from app.kernel.database import Base, db

    yield application
    with application.app_context():
        db.session.remove()
        # Emptying a table that is empty takes as long as emptying a full one, and there are a hundred of them.
        used = " UNION ALL ".join(
            f"SELECT '{table.name}' WHERE EXISTS (SELECT FROM {table.name})" for table in Base.metadata.sorted_tables
        )
        with db.engine.begin() as connection:
            tables = ", ".join(connection.execute(text(used)).scalars())
            if tables:
                connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))


@pytest.fixture
def now() -> dt.datetime:
    """The moment at which tests that take `now` as a parameter happen."""
    return NOW


@pytest.fixture
def time_is(application: flask.Flask) -> Callable[[dt.datetime], None]:
    """Set the clock that doors, workers and pages read; needs `database` or `committed`."""
    from app.kernel import clock
    from app.kernel.database import unit_of_work

    def set_time(moment: dt.datetime) -> None:
        with application.app_context() if not flask.has_app_context() else _nothing(), unit_of_work():
            clock.set_offset(moment - dt.datetime.now(dt.UTC))

    return set_time


class _nothing:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


class Client(FlaskClient):
    """Speaks HTTP in the test's own transaction. What the test arranged is there, also after a request that was refused."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """One request."""
        from app.kernel.database import db

        db.session.commit()
        return super().open(*args, **kwargs)


@pytest.fixture
def client(application: flask.Flask, database: object) -> FlaskClient:
    """HTTP to the whole product, in the test's own transaction."""
    return Client(application, application.response_class)


@pytest.fixture
def platform(_fresh: None) -> object:
    """The simulated WeChat platform, mounted into the gateway's own HTTP session: see tests/factories/platform.py."""
    from tests.factories.platform import Platform

    return Platform()
