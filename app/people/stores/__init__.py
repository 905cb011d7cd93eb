"""Where the brand is: stores with place, hours, services and their own calendar.

Promises: nearest first is exact great-circle order on GCJ-02 coordinates and uses an index; opening hours are said in the
store's own zone, days of 23 and 25 hours included; a renamed or closed store keeps its history.
"""

from app.people.stores import models as models
