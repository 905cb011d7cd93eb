"""Call downstairs, announce upstairs; ask upstairs by hearing.

A fact is a frozen dataclass in past tense with ids and values. Reactions run at once, in the announcer's transaction,
in wiring order, breadth first: a fact announced by a reaction waits until all reactions to the present ones have run.
An error in a reaction undoes everything. A hearing collects objections from pure questions and changes nothing.
"""

import contextvars
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, TypeVar

F = TypeVar("F")
Reaction = Callable[[Sequence[Any]], None]
Question = Callable[[Any], Iterable["Objection"]]

_reactions: dict[type, list[Reaction]] = defaultdict(list)
_questions: dict[type, list[Question]] = defaultdict(list)
_waiting: contextvars.ContextVar[deque[object] | None] = contextvars.ContextVar("waiting_facts", default=None)


@dataclass(frozen=True)
class Objection:
    """Why a room speaks against a proposal: a stable code and the facts."""

    code: str
    data: dict[str, Any] = field(default_factory=dict)


def reacts_to(kind: type[F]) -> Callable[[Callable[[Sequence[F]], None]], Callable[[Sequence[F]], None]]:
    """Register a reaction; it receives a batch of facts of one kind and works set-wise."""

    def register(reaction: Callable[[Sequence[F]], None]) -> Callable[[Sequence[F]], None]:
        _reactions[kind].append(reaction)
        return reaction

    return register


def announce(facts: Iterable[object]) -> None:
    """Tell every reaction. Returns when all of them, and those they caused, have run."""
    waiting = _waiting.get()
    if waiting is not None:  # a reaction announces: its facts wait for their turn
        waiting.extend(facts)
        return
    waiting = deque(facts)
    token = _waiting.set(waiting)
    try:
        while waiting:
            round_of_facts = list(waiting)
            waiting.clear()
            for kind, batch in groupby(round_of_facts, key=type):
                same = list(batch)
                for reaction in _reactions[kind]:
                    reaction(same)
    finally:
        _waiting.reset(token)


def hears(kind: type[F]) -> Callable[[Callable[[F], Iterable[Objection]]], Callable[[F], Iterable[Objection]]]:
    """Register a question that a proposal of this kind is put to. It must not change anything."""

    def register(question: Callable[[F], Iterable[Objection]]) -> Callable[[F], Iterable[Objection]]:
        _questions[kind].append(question)
        return question

    return register


def ask(proposal: object) -> list[Objection]:
    """Hold a hearing: all objections of all rooms, none if nobody objects."""
    return [objection for question in _questions[type(proposal)] for objection in question(proposal)]


def list_reactions() -> dict[type, list[Reaction]]:
    """Who reacts to what, for the documentation and its test."""
    return {kind: list(reactions) for kind, reactions in _reactions.items()}
