"""Puts the house together for a WSGI server: `granian --interface wsgi wsgi:app`."""

from app.web.application import create_app
from app.web.tracing import configure_logging

configure_logging()
app = create_app(entrances=["miniprogram_api", "official_account", "open_api", "wecom", "console"])
