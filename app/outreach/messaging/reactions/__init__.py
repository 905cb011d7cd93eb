"""What messaging does when others announce."""

from app.outreach.messaging.reactions import limits_of_people as _limits_of_people  # noqa: F401  (behind deliveries)
from app.outreach.messaging.reactions import merging as _merging  # noqa: F401  (registers it)
