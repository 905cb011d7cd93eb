"""What came of deliveries: the questions, and that somebody has opened one."""

from app.outreach.messaging.operations.opening import open as open
from app.outreach.messaging.queries.deliveries import DeliveryView as DeliveryView
from app.outreach.messaging.queries.deliveries import list_deliveries as list_deliveries
from app.outreach.messaging.queries.outcomes import Counts as Counts
from app.outreach.messaging.queries.outcomes import Point as Point
from app.outreach.messaging.queries.outcomes import curve as curve
from app.outreach.messaging.queries.outcomes import of_dispatches as of_dispatches

__all__ = ["Counts", "DeliveryView", "Point", "curve", "list_deliveries", "of_dispatches", "open"]
