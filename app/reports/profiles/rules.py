"""What a profile says of the figures it shows."""


def growth_to_next(growth: int, next_threshold: int | None) -> int | None:
    """What is missing to the next tier, None at the top, never below 0."""
    return None if next_threshold is None else max(next_threshold - growth, 0)


def name_for_card(card_number: str) -> str:
    """What stands for a name that was not given."""
    return f"会员 {card_number[-4:]}"
