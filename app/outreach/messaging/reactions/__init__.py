"""What messaging does when others announce."""

from app.outreach.messaging.reactions import merging as _merging  # noqa: F401  (registers it)
