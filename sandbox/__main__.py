"""`python -m sandbox`: runs the sandbox by itself."""

import argparse
import dataclasses
import ipaddress
import logging
import signal
import socket
import sys
import time
from datetime import datetime
from types import FrameType
from typing import NoReturn

from werkzeug.serving import make_server

from sandbox.assembly import create_app
from sandbox.serving import Handler
from sandbox.settings import RefusedToStart, Settings, from_environment


def main(arguments: list[str] | None = None) -> int:
    """Serves until it is told to stop; 2 when it refuses to start."""
    settings = parse(arguments)
    try:
        app = create_app(settings)
    except RefusedToStart as refused:
        print(refused, file=sys.stderr)
        return 2
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    signal.signal(signal.SIGTERM, _stop)
    server = make_server(settings.host, settings.port, app, threaded=True, request_handler=Handler)
    if not _loopback(settings.host):
        print("warning: the world API has no password; anybody who reaches this address rules the world", flush=True)
    print(f"Sandbox on http://{settings.host}:{server.server_port}  appid {settings.appid}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
    return 0


def parse(arguments: list[str] | None = None) -> Settings:
    """Flags over environment over defaults."""
    start = from_environment()
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="The WeChat platform, simulated.")
    parser.add_argument("--host", default=start.host, help="address to listen on (default: loopback only)")
    parser.add_argument("--port", type=int, default=start.port, help="0 picks a free one (default: 8101)")
    parser.add_argument(
        "--state", default=start.state_file, metavar="FILE", help="SQLite file; people survive restarts"
    )
    parser.add_argument("--appid", default=start.appid)
    parser.add_argument("--secret", default=start.secret)
    parser.add_argument("--clock-offset", type=float, default=start.clock_offset, metavar="SECONDS")
    parser.add_argument("--clock-at", metavar="TIME", help="start at this RFC 3339 time instead of an offset")
    given = parser.parse_args(arguments)
    offset = given.clock_offset
    if given.clock_at:
        offset = datetime.fromisoformat(given.clock_at).timestamp() - time.time()
    return dataclasses.replace(
        start,
        host=given.host,
        port=given.port,
        state_file=given.state,
        appid=given.appid,
        secret=given.secret,
        clock_offset=offset,
    )


def _loopback(host: str) -> bool:
    return ipaddress.ip_address(socket.gethostbyname(host)).is_loopback


def _stop(signum: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
