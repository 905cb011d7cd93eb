"""Buyer ids of orders: only blind indexes are kept, never a phone number."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import text

from app.kernel.database import db
from app.people import identity
from app.trade.orders.rules.buyers import is_masked, scoped
from app.trade.orders.rules.reports import Buyer, OrderReport

IdentityKey = tuple[str, str, bytes]
SHARDS = 64
_SHARD_CLASS = 0x6F726472  # a name space of its own among advisory locks


def buyer_key(key: IdentityKey) -> str:
    """The form in which an order remembers a buyer id: 32 hex digits that lead back to nobody."""
    kind, scope, value_index = key
    return hashlib.blake2b(b"\0".join((kind.encode(), scope.encode(), value_index)), digest_size=16).hexdigest()


@dataclass(slots=True)
class BuyerIds:
    """The buyer ids of a batch of reports. `unusable`: those that are no ids of their kind, by kind."""

    keys: dict[Buyer, str] = field(default_factory=dict)
    identities: dict[str, IdentityKey] = field(default_factory=dict)
    unusable: set[Buyer] = field(default_factory=set)

    def keys_of(self, report: OrderReport) -> list[str]:
        """The keys of a report's usable buyer ids, in the order told."""
        scope = report.channel
        return [self.keys[known] for buyer in report.buyers if (known := scoped(buyer, scope)) in self.keys]

    def complaints(self, report: OrderReport) -> list[str]:
        """Buyer ids of a report that are no ids of their kind."""
        told = (scoped(buyer, report.channel) for buyer in report.buyers)
        return [f"buyer.unusable:{buyer.kind[:40]}" for buyer in told if buyer in self.unusable]

    def owner(self, keys: Iterable[str], holders: Mapping[IdentityKey, identity.Holder]) -> identity.Holder | None:
        """Whose order it is: the first id that is somebody's."""
        held = (holders.get(self.identities[key]) for key in keys)
        return next((holder for holder in held if holder is not None), None)


def read_buyers(reports: Sequence[OrderReport]) -> BuyerIds:
    """Normalise and index the buyer ids of reports; masked ones are no ids (O01)."""
    found = BuyerIds()
    for buyer in {scoped(buyer, report.channel): None for report in reports for buyer in report.buyers}:
        if is_masked(buyer):
            continue
        try:
            known = identity.identifier(buyer.kind, buyer.value, scope=buyer.scope)
        except identity.IdentifierInvalid:
            found.unusable.add(buyer)
            continue
        key = buyer_key(known.key)
        found.keys[buyer] = key
        found.identities[key] = known.key
    return found


def _shards(keys: Iterable[str]) -> list[int]:
    return sorted({int(key[:4], 16) % SHARDS for key in keys})


_SHARED = text(
    "SELECT pg_advisory_xact_lock_shared(:kind, shard) FROM unnest(CAST(:shards AS int[])) AS shard"
)  # fmt: skip
_ALONE = text("SELECT pg_advisory_xact_lock(:kind, shard) FROM unnest(CAST(:shards AS int[])) AS shard")


def hold_while_reporting(keys: Iterable[str]) -> None:
    """Keep ids of these orders from being attached between our look at who they are and our commit.

    Without it an order could be written as nobody's while its buyer's id becomes somebody's, and wait for ever.
    """
    db.session.execute(_SHARED, {"kind": _SHARD_CLASS, "shards": _shards(keys)})


def hold_while_claiming(keys: Iterable[str]) -> None:
    """Wait for reports under way that name these ids, and make later ones wait for us."""
    db.session.execute(_ALONE, {"kind": _SHARD_CLASS, "shards": _shards(keys)})


def hold_all_while_claiming() -> None:
    """`hold_while_claiming` for so many ids that they are in every shard."""
    db.session.execute(_ALONE, {"kind": _SHARD_CLASS, "shards": list(range(SHARDS))})
