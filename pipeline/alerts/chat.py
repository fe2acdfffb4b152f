"""Channel `apprise`: Slack, Telegram, Teams, Matrix and whatever else the library of that name knows. Optional extra.

Apprise makes its requests itself: the address guard does not cover them, neither is there an idempotency key, so that
a process killed at the wrong moment tells twice. Its addresses hold secrets: nothing of them is logged or shown.
"""

from __future__ import annotations

import logging
from typing import Any

from pipeline.alerts.letter import Lang, Templates
from pipeline.errors import ConfigError, DeliveryFailed
from pipeline.types import Message


class Chat:
    """Messages to one or more of apprise's services. Raises ConfigError for an address that apprise does not know."""

    def __init__(self, urls: tuple[str, ...], templates: Templates, lang: Lang, where: tuple[str, str]) -> None:
        self._templates, self._lang = templates, lang
        self._apprise = _library(where)
        # it writes addresses into its log, passwords and all
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        self._notifier = self._apprise.Apprise()
        for url in urls:
            if not self._notifier.add(url):
                raise ConfigError(*where, "an address that apprise knows", "one that it does not (not shown)")

    def send(self, message: Message) -> None:
        """Tell every service. Raises DeliveryFailed when one of them did not take it."""
        body = self._templates.render("chat.txt", message, self._lang)
        title = self._templates.subject(message, self._lang)
        plain = self._apprise.NotifyFormat.TEXT
        if not self._notifier.notify(body=body, title=title, body_format=plain):
            raise DeliveryFailed("apprise: expected the message to be taken, got a refusal, of which it says no more")


def _library(where: tuple[str, str]) -> Any:
    try:
        import apprise
    except ImportError:
        raise ConfigError(*where, "the extra `notify` (pip install 'vigia[notify]')", "no apprise") from None
    return apprise
