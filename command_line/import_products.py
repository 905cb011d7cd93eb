"""`import-products FILE`: the list of products from CSV, all of it or nothing."""

import csv
from pathlib import Path

import click

from app import wiring
from app.kernel import clock
from app.kernel.database import unit_of_work
from app.trade import products

_COLUMNS = ("code", "name", "category", "series", "colour", "tags", "price_fen", "image_url", "on_sale")
_NO = {"no", "false", "0", "否"}


def _draft(row: dict[str, str]) -> products.ProductDraft:
    kept = {name: row[name].strip() for name in _COLUMNS if (row.get(name) or "").strip()}
    return products.ProductDraft(
        code=kept.get("code", ""),
        name=kept.get("name", ""),
        **{name: kept[name] for name in ("category", "series", "colour", "image_url") if name in kept},
        tags=tuple(kept.get("tags", "").split()),
        price_fen=int(kept.get("price_fen", "0")),
        on_sale=kept.get("on_sale", "yes").lower() not in _NO,
    )


@click.command("import-products")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--encoding", default="utf-8-sig", show_default=True, help="gb18030 for files of Chinese spreadsheets")
def import_products(file: Path, encoding: str) -> None:
    """Add or change products by code from a CSV FILE; docs/imports.md has the columns."""
    with file.open(encoding=encoding, newline="") as stream:
        reader = csv.DictReader(stream, strict=True)
        if unknown := sorted(set(reader.fieldnames or ()) - set(_COLUMNS)):
            raise click.ClickException(f"unknown columns: {', '.join(unknown)}")
        drafts = []
        for row in reader:
            try:
                drafts.append(_draft(row))
            except (ValueError, AttributeError, TypeError):
                raise click.ClickException(f"line {reader.line_num}: price_fen is not a whole number") from None
    with wiring.start().app_context():
        try:
            with unit_of_work():
                changed = products.save_products(drafts, now=clock.now())
        except products.ProductInvalid as wrong:
            raise click.ClickException(f"product {wrong.data['product_code']!r}: {wrong.data['field']}") from None
    click.echo(f"{len(drafts):,} products read, {changed:,} added or changed")
