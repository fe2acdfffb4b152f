"""Channel `email`: one message as text and HTML to one or more people, by SMTP.

SMTP has no idempotency key. A process killed between the server's "250" and our note of it sends again; the second
message has the same Message-ID, by which many mailboxes know it. The address guard does not cover a mail server: it is
the operator's own, named in the configuration, and no link of a stranger's leads to it.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Literal

from pipeline.alerts.letter import Lang, Templates, clean
from pipeline.errors import DeliveryFailed, DeliveryRefused
from pipeline.types import Message

log = logging.getLogger("vigia.alerts")

Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True)
class Account:
    """A mail server and how to get in; the password is never shown."""

    host: str
    port: int
    security: Security
    user: str
    password: str
    timeout: float

    def __repr__(self) -> str:
        return f"Account({self.host}:{self.port}, {self.security})"


class Mail:
    """E-mail to fixed addresses."""

    def __init__(
        self,
        account: Account,
        sender: str,
        to: tuple[str, ...],
        templates: Templates,
        lang: Lang,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._account, self._sender, self._to = account, sender, to
        self._templates, self._lang, self._trust = templates, lang, trust

    def send(self, message: Message) -> None:
        """Hand the message to the server.

        Raises DeliveryFailed for what may pass (no connection, 4xx, a password that somebody may mend) and
        DeliveryRefused for what the server will never take.
        """
        mail = self.composed(message)
        try:
            with self._connect() as server:
                refused = server.send_message(mail, self._sender, list(self._to))
        except smtplib.SMTPAuthenticationError as error:
            raise DeliveryFailed(f"{self._where}: expected to be let in, got {error.smtp_code}") from None
        except smtplib.SMTPRecipientsRefused as error:
            raise self._judged(min(code for code, _ in error.recipients.values()), "no recipient was taken") from None
        except smtplib.SMTPResponseException as error:
            raise self._judged(error.smtp_code, _text(error.smtp_error)) from None
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryFailed(f"{self._where}: {error or type(error).__name__}") from None
        if refused:
            # sending again would repeat it to those who have it
            log.warning("%s refused %d of %d addresses", self._where, len(refused), len(self._to))

    @property
    def _where(self) -> str:
        return f"mail server {self._account.host}:{self._account.port}"

    def _judged(self, code: int, said: str) -> DeliveryFailed | DeliveryRefused:
        kind = DeliveryFailed if 400 <= code < 500 else DeliveryRefused
        return kind(f"{self._where}: expected 250, got {code} {said}")

    def _connect(self) -> smtplib.SMTP:
        account = self._account
        trust = self._trust or ssl.create_default_context()
        if account.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(account.host, account.port, timeout=account.timeout, context=trust)
        else:
            server = smtplib.SMTP(account.host, account.port, timeout=account.timeout)
        try:
            if account.security == "starttls":
                server.starttls(context=trust)
            if account.user:
                server.login(account.user, account.password)
        except BaseException:
            server.close()
            raise
        return server

    def composed(self, message: Message) -> EmailMessage:
        """The mail, text first and HTML as the alternative; its Message-ID is the idempotency key."""
        mail = EmailMessage()
        mail["From"], mail["To"] = self._sender, ", ".join(self._to)
        mail["Subject"] = self._templates.subject(message, self._lang)
        mail["Date"] = message.fired_at
        mail["Message-ID"] = f"<{message.id}@{_domain(self._sender)}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Vigia-Event"] = message.event
        if message.fields.get("importance") == "high":
            mail["Importance"] = "high"
        mail.set_content(self._templates.render("email.txt", message, self._lang))
        mail.add_alternative(self._templates.render("email.html", message, self._lang), subtype="html")
        return mail


def is_address(written: str) -> bool:
    """Whether it is one mail address, alone."""
    try:
        Address(addr_spec=written)
    except (ValueError, IndexError, AttributeError):
        return False
    return "@" in written and not any(char.isspace() or char in ",;<>" for char in written)


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _text(said: bytes | str) -> str:
    return clean(said.decode("utf-8", "replace") if isinstance(said, bytes) else said)[:200]
