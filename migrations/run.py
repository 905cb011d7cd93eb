"""Run migrations from code: `python -m migrations.run [upgrade|downgrade] [revision]` works on DATABASE_URL."""

import os
import re
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config

FOLDER = Path(__file__).parent
LOCK_NUMBER = 4_607_182_418_800_017
LOCK_TIMEOUT = "5s"
_PARTITION = re.compile(r"_p\d+$|_\d{4}_\d{2}$")


def config_for(url: str) -> Config:
    """Alembic's configuration for one database; no ini file."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def is_no_partition(item: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """Partitions come and go with the months: models and migrations know nothing of them (Alembic's include_object)."""
    return not (kind == "table" and _PARTITION.search(name or ""))


def upgrade(url: str, revision: str = "head") -> None:
    """Bring a database up to a revision."""
    command.upgrade(config_for(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Take a database back to a revision."""
    command.downgrade(config_for(url), revision)


def main(word: str = "upgrade", revision: str = "head") -> None:
    """The shell's way in."""
    url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1)
    {"upgrade": upgrade, "downgrade": downgrade}[word](url, revision)


if __name__ == "__main__":
    main(*sys.argv[1:])
