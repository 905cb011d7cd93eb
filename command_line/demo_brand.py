"""`demo-brand`: everything a newcomer finds in the demo brand, at once; quick when it is there already.

Stores, staff and products, the stock programme of every room (field rules 2.1), and the CDNOW purchases as a shop's
history. What somebody changed meanwhile is left alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from app import wiring
from app.kernel import clock, policy
from app.kernel.database import unit_of_work
from app.membership import bookings, coupons, members, points, rewards
from app.outreach import auto_replies, materials
from app.people import stores, teams
from app.trade import products
from command_line import cdnow, demo_content, demo_messages, demo_people
from command_line.demo_history import import_history

STEPS: tuple[tuple[str, Callable[..., object]], ...] = (
    ("stores", lambda now: stores.save_stores(demo_content.STORES, now=now)),
    ("teams", lambda now: teams.save_teams(demo_content.TEAMS, now=now)),
    ("staff", lambda now: teams.save_staff(demo_content.STAFF, now=now)),
    ("products", lambda now: products.save_products(demo_content.PRODUCTS, now=now)),
    ("tiers and tasks", lambda now: members.ship_stock(now=now)),
    ("earning rules", lambda now: points.ship_stock(now=now)),
    ("coupons", lambda now: coupons.ship_stock(now=now)),
    ("points mall", lambda now: rewards.ship_stock(now=now)),
    ("services and seats", lambda now: bookings.ship_stock(now=now)),
    ("messages", lambda now: materials.purposes.ship_stock(now=now, accounts=demo_messages.accounts())),
    ("replies of the official account", lambda now: auto_replies.rulebook.ship_stock(now=now)),
    ("menus of official accounts", lambda now: auto_replies.menus.ship_stock(now=now)),
    ("people of several channels", lambda now: demo_people.load(now)),
)


DOOR_OF_ROLE = {
    "admin": "{web}/console/",
    "marketer": "{web}/console/",
    "lead": "{web}/console/",
    "clerk": "{web}/wecom/scan",
}


@policy.policy("demo")
@dataclass(frozen=True)
class DemoBrand:
    """What of the demo brand is there. The history's order numbers carry dates: a second day's import would be another
    history beside the first."""

    stock: tuple[str, ...] = ()
    has_history: bool = False


def load() -> None:
    """Load what is missing. Needs an app context."""
    there = policy.current(DemoBrand)
    missing = [(name, step) for name, step in STEPS if name not in there.stock]
    for name, step in missing:
        click.echo(f"  {name}")
        with unit_of_work():
            step(clock.now())
    if missing:
        _note(stock=[name for name, _ in STEPS])
    if not there.has_history:
        click.echo("  a shop's history (CDNOW)")
        import_history()
        _note(has_history=True)
    for member in demo_content.STAFF:
        # The last table of `make run` shows these rows: who, where, how.
        door = DOOR_OF_ROLE.get(member.role)
        if door:
            click.echo(
                f"{member.name}（{teams.ROLES[member.role]}）\t{door}\t选「{member.name}」，员工码 {member.code}"
            )


def _note(**done: Any) -> None:
    with unit_of_work():
        policy.change(DemoBrand, **done)


@click.command("demo-brand")
def demo_brand() -> None:
    """Load the demo brand: stores, staff, products, programme, and 69,659 real orders as a shop's history."""
    try:
        with wiring.start().app_context():
            load()
    except cdnow.DataMissing as missing:
        raise click.ClickException(f"the data is not installed: {missing}") from None
