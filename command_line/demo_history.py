"""`demo-history`: a shop's history for the demo brand, from real purchases."""

import tempfile
from pathlib import Path

import click

from app import wiring
from app.kernel import clock
from app.kernel.database import unit_of_work
from app.trade import products
from command_line import cdnow
from command_line.import_orders import ErrorFile, import_readings, tell
from command_line.progress import reading_bar


def import_history() -> None:
    """Import the CDNOW purchases as orders of the demo shop; again changes nothing on the same day. Needs an app context."""
    with unit_of_work():
        products.save_products([cdnow.PRODUCT], now=clock.now())
    errors = ErrorFile(Path(tempfile.gettempdir()) / "guiyi-demo-history.errors.csv")
    with reading_bar("a shop's history", 69_659) as show:
        tally = import_readings(
            cdnow.list_history(clock.now()),
            source="demo history",
            errors=errors,
            seen=lambda tally: show(tally.orders.total(), ""),
        )
    errors.close()
    tell(tally, errors.path)


@click.command("demo-history")
def demo_history() -> None:
    """Import the history of the demo shop: 69,659 real orders of 23,570 customers, the last one yesterday."""
    try:
        with wiring.start().app_context():
            import_history()
    except cdnow.DataMissing as missing:
        raise click.ClickException(f"the data is not installed: {missing}") from None
