"""Writes the next migration from what the models say and the database does not: `make migration name="…"`."""

import os
import sys

from alembic import command

from migrations.run import FOLDER, config_for, upgrade


def main(name: str) -> None:
    """Bring the local database to the newest migration, compare, write the next number, and move HEAD to it."""
    url = os.environ["DATABASE_URL"]
    upgrade(url)
    head = FOLDER / "HEAD"
    number = f"{int(head.read_text()) + 1:04d}"
    command.revision(config_for(url), name, autogenerate=True, rev_id=number)
    head.write_text(f"{number}\n")


if __name__ == "__main__":
    main(sys.argv[1])
