"""`python -m workers.ready`: exit 0 when the process of this container could work, else say why not: a health check."""

from __future__ import annotations

import http.client
import os
import sys

# and nothing heavier: it is asked several times a minute
from pipeline import settings

_PATIENCE = 8.0


def main() -> int:
    """Ask /readyz at VIGIA_METRICS_ADDRESS."""
    host, port = settings.host_and_port(settings.load(os.environ).metrics_address)
    try:
        connection = http.client.HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=_PATIENCE)  # noqa: S104
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        words = answer.read().decode()
    except OSError as error:
        words = f"nobody answers at {host}:{port}: {error}\n"
        answer = None
    sys.stdout.write(words)
    return 0 if answer is not None and answer.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
