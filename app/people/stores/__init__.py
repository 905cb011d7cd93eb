"""Where the brand is: stores with place, hours, services and their own calendar.

Promises: nearest first is exact great-circle order on GCJ-02 coordinates and uses an index; opening hours are said in the
store's own zone, days of 23 and 25 hours included; a renamed or closed store keeps its history.
"""

from app.people.stores.operations import StoreDraft as StoreDraft
from app.people.stores.operations import save_stores as save_stores
from app.people.stores.queries import OpenPeriod as OpenPeriod
from app.people.stores.queries import StoreView as StoreView
from app.people.stores.queries import find_stores_by_codes as find_stores_by_codes
from app.people.stores.queries import get_store as get_store
from app.people.stores.queries import hours_on as hours_on
from app.people.stores.queries import is_open as is_open
from app.people.stores.queries import list_stores as list_stores
from app.people.stores.queries import name_of as name_of
from app.people.stores.queries import nearest as nearest
from app.people.stores.refusals import StoreInvalid as StoreInvalid
from app.people.stores.refusals import StoreUnknown as StoreUnknown
from app.people.stores.rules import Place as Place
