"""Why people are written to: kept once, found by code or id."""

from app.outreach.materials.operations.saving import PurposeDraft, save, switch
from app.outreach.materials.operations.stock import Accounts, ship_stock
from app.outreach.materials.queries.seen import all_purposes as list_purposes
from app.outreach.materials.queries.seen import find, get
from app.outreach.materials.rules.saying import PurposeView

__all__ = ["Accounts", "PurposeDraft", "PurposeView", "find", "get", "list_purposes", "save", "ship_stock", "switch"]
