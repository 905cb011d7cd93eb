"""`python -m command_line COMMAND`: the operator's way in. `--help` lists the commands."""

import click

from command_line import (
    demo_brand,
    demo_history,
    import_observations,
    import_old_cards,
    import_orders,
    import_products,
    personal_data,
    propose_pairs,
)


@click.group(help="Imports, recounts and the demo brand from a shell. Reads DATABASE_URL and the other settings.")
def commands() -> None:
    """The group of all commands."""


for command in (
    import_observations.import_observations,
    import_orders.import_orders,
    import_products.import_products,
    import_old_cards.import_old_cards,
    propose_pairs.propose_pairs,
    demo_history.demo_history,
    personal_data.personal_data,
    demo_brand.demo_brand,
):
    commands.add_command(command)

if __name__ == "__main__":
    commands()
