"""What each worker process imports: logging first, then the actors."""

from app.web.tracing import configure_logging

configure_logging()

from jobs import tasks  # noqa: E402  (logging must be ours before Dramatiq's actors speak)

__all__ = ["tasks"]
