"""What materials ask those upstairs before they act."""

from dataclasses import dataclass


@dataclass(frozen=True)
class WordsChangeProposed:
    """Put to a hearing before the words of a purpose change: does anybody rely on them as they are? Answers only."""

    purpose_id: int
