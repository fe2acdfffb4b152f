"""Channels that the file declares: what is refused, where secrets come from, what mail and feeds look like."""

from __future__ import annotations

import io
import logging
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import pytest
import trustme

from pipeline.alerts.atom import Atom
from pipeline.alerts.channels import SAMPLE, World, declared, open_all, open_one
from pipeline.alerts.letter import Templates, clean
from pipeline.alerts.mail import Account, Mail
from pipeline.alerts.message import compose_digest
from pipeline.clock import SystemClock
from pipeline.errors import AddressRefused, ConfigError, DeliveryFailed, DeliveryRefused
from pipeline.fetch import guarded_client
from pipeline.settings import Settings
from pipeline.types import Message
from tests.alerts.letterbox import Hook, MailServer, serving

CONFIG = Path(__file__).parents[2] / "config"
NOW = datetime(2012, 6, 26, 12, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def templates() -> Templates:
    return Templates(CONFIG / "templates")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def trust(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def certificate(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def world(folder: Path, **environment: str) -> World:
    client = httpx.Client(trust_env=False)
    return World(Settings(), environment, io.StringIO(), client, lambda: NOW, CONFIG / "templates", folder)


def written(folder: Path, *lines: str) -> Path:
    (folder / "alerts.toml").write_text("\n".join(("[[channel]]", *lines)), "utf-8")
    return folder


MAIL = ('name = "desk"', 'kind = "email"', 'host = "127.0.0.1"', 'sender = "vigia@a.example"', 'to = ["x@a.example"]')


# --- the file ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (('name = "x"', 'kind = "fax"'), r"channel\[0\] \(x\)\.kind: expected one of apprise, atom, .*, got 'fax'"),
        (('kind = "atom"', 'path = "x"'), r"channel\[0\]\.name: expected a value"),
        (('name = "file"', 'kind = "atom"', 'path = "x"'), "name: expected a name that neither terminal, file"),
        (('name = "X"', 'kind = "atom"', 'path = "x"'), "name: expected 1 to 39 of"),
        (('name = "x"', 'kind = "atom"', 'path = "x"', "entries = 0"), "entries: expected a number, 1 or more, got 0"),
        (('name = "x"', 'kind = "atom"', 'path = "x"', 'lang = "pt"'), r"lang: expected one of 'en', 'es', got 'pt'"),
        ((*MAIL, 'password = "x"'), r"channel\[0\] \(desk\)\.password: expected one of the keys .*password_env"),
        ((*MAIL[:-1], 'to = ["x@a.example, y@a.example"]'), r"\.to: expected one or more mail addresses"),
        ((*MAIL[:-1], "to = []"), r"\.to: expected one or more mail addresses"),
        ((*MAIL, 'user_env = "U"'), "user_env: expected a user and a password, or neither"),
        (
            (*MAIL, 'user_env = "U"', 'password_env = "P"', 'security = "none"'),
            "security: expected 'starttls' or 'tls'",
        ),
        (('name = "x"', 'kind = "webhook"'), "url: expected either url or"),
        (('name = "x"', 'kind = "apprise"', "url_env = []"), "url_env: expected one or more variables"),
    ],
)
def test_a_wrong_channel_is_refused_by_file_key_expected_and_got(tmp_path, lines, says):
    with pytest.raises(ConfigError, match=says) as caught:
        declared(written(tmp_path, *lines))
    assert caught.value.file == str(tmp_path / "alerts.toml")


@pytest.mark.parametrize("variable", ["SMTP_PASSWORD", "VIGIA_SMTP_PASSWORD"])
def test_a_secret_that_is_not_set_is_named_and_never_shown(tmp_path, variable):
    folder = written(tmp_path, *MAIL, 'user_env = "SMTP_USER"', f'password_env = "{variable}"')
    with pytest.raises(ConfigError, match=r"channel\[0\] \(desk\)\.password_env: expected .* variable") as caught:
        open_all(world(tmp_path, SMTP_USER="me", OTHER="s3cret"), folder, tmp_path / "alerts.jsonl")
    assert "s3cret" not in str(caught.value)


def test_a_webhook_address_out_of_the_environment_is_not_shown_when_it_is_none(tmp_path):
    folder = written(tmp_path, 'name = "x"', 'kind = "webhook"', 'url_env = "HOOK"')
    with pytest.raises(ConfigError, match="what HOOK holds") as caught:
        open_all(world(tmp_path, HOOK="s3cret"), folder, tmp_path / "alerts.jsonl")
    assert "s3cret" not in str(caught.value)


def test_a_declared_webhook_posts_signed_with_the_secret_of_the_environment(tmp_path):
    hook = Hook()
    with serving(hook):
        folder = written(tmp_path, 'name = "x"', 'kind = "webhook"', 'url_env = "HOOK"', 'secret_env = "KEY"')
        channel = open_one(world(tmp_path, HOOK=hook.url, KEY="k"), folder, tmp_path / "a.jsonl", "x")
        channel.send(SAMPLE)
    assert list(hook.taken) == ["sample"]


def test_the_address_guard_covers_declared_webhooks(tmp_path):
    hook = Hook()
    lines = ('name = "x"', 'kind = "webhook"', f'url = "{hook.url}"')
    with serving(hook), guarded_client(Settings(), SystemClock(), {}) as client:
        guarded = replace(world(tmp_path), client=client)
        with pytest.raises(AddressRefused):
            open_one(guarded, written(tmp_path, *lines), tmp_path / "a.jsonl", "x").send(SAMPLE)
    assert hook.posts == []


def test_one_channel_can_be_tried_while_others_lack_their_secrets(tmp_path):
    folder = written(tmp_path, *MAIL, 'user_env = "U"', 'password_env = "P"')
    open_one(world(tmp_path), folder, tmp_path / "alerts.jsonl", "file").send(SAMPLE)
    assert (tmp_path / "alerts.jsonl").read_text("utf-8").count("\n") == 1
    with pytest.raises(ConfigError, match="expected one of terminal, file, desk, got 'pager'"):
        open_one(world(tmp_path), folder, tmp_path / "alerts.jsonl", "pager")


# --- mail -------------------------------------------------------------------------------------------------------------


def mail(server: MailServer, templates: Templates, trust: ssl.SSLContext | None = None, **more: object) -> Mail:
    values = {"security": "none", "user": "", "password": "", "timeout": 5.0, **more}
    account = Account("127.0.0.1", server.port, **values)  # type: ignore[arg-type]
    return Mail(account, "vigia@a.example", ("x@a.example", "y@a.example"), templates, "es", trust)


@pytest.fixture
def letterbox() -> Iterator[MailServer]:
    server = MailServer()
    with serving(server):
        yield server


def test_a_mail_has_text_and_html_and_says_who_said_what(letterbox, templates):
    mail(letterbox, templates).send(SAMPLE)
    (got,) = letterbox.mails
    assert got["Message-ID"] == "<sample@a.example>"
    assert got["To"] == "x@a.example, y@a.example"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["Subject"] == "Ana Prado (minister, PE): Legalizar sería un error que pagarían los más jóvenes"
    text = got.get_body(("plain",)).get_content()
    html = got.get_body(("html",)).get_content()
    for part in (text, html):
        assert "Ana Prado" in part
        assert "Legalizar sería un error que pagarían los más jóvenes" in part
        assert "en contra" in part
        assert "https://elpuente.example/politica/marihuana" in part
        assert "Por qué recibe esto" in part


def test_starttls_and_login(authority, trust, templates):
    server = MailServer(certificate(authority))
    with serving(server):
        mail(server, templates, trust, security="starttls", user="me", password="s3cret").send(SAMPLE)
    assert server.logins == [("me", "s3cret")]
    assert server.secure == [True]


def test_tls_from_the_first_byte(authority, trust, templates):
    server = MailServer(certificate(authority), tls=True)
    with serving(server):
        mail(server, templates, trust, security="tls", user="me", password="s3cret").send(SAMPLE)
    assert (server.logins, server.secure) == ([("me", "s3cret")], [True])


def test_nothing_is_sent_to_a_server_without_tls_or_with_anothers_certificate(authority, letterbox, templates, trust):
    with pytest.raises(DeliveryFailed):
        mail(letterbox, templates, trust, security="starttls", user="me", password="s3cret").send(SAMPLE)
    stranger = MailServer(certificate(trustme.CA()))
    with serving(stranger), pytest.raises(DeliveryFailed):
        mail(stranger, templates, trust, security="starttls", user="me", password="s3cret").send(SAMPLE)
    assert letterbox.logins == stranger.logins == []


@pytest.mark.parametrize(
    ("command", "answer", "error"),
    [
        ("MAIL", "451 later", DeliveryFailed),
        ("MAIL", "550 never", DeliveryRefused),
        ("RCPT", "450 full", DeliveryFailed),
        ("RCPT", "550 unknown", DeliveryRefused),
        ("DATA", "452 no room", DeliveryFailed),
        ("DATA", "554 spam", DeliveryRefused),
        ("EHLO", "421 closing", DeliveryFailed),
    ],
)
def test_what_may_pass_is_tried_again_and_what_may_not_is_dead(letterbox, templates, command, answer, error):
    letterbox.answers[command] = letterbox.answers["HELO"] = answer
    with pytest.raises(error, match="mail server 127"):
        mail(letterbox, templates).send(SAMPLE)
    assert letterbox.mails == []


def test_a_wrong_password_is_tried_again_and_never_told(authority, trust, templates, caplog):
    server = MailServer(certificate(authority))
    with serving(server), caplog.at_level(logging.DEBUG), pytest.raises(DeliveryFailed, match="got 535") as caught:
        mail(server, templates, trust, security="starttls", user="me", password="wr0ng").send(SAMPLE)
    assert "wr0ng" not in f"{caught.value}{caught.value!r}{caplog.text}"


def test_no_server_at_all_is_tried_again(templates):
    server = MailServer()
    server.server_close()
    with pytest.raises(DeliveryFailed, match="mail server 127"):
        mail(server, templates).send(SAMPLE)


# --- what strangers write ---------------------------------------------------------------------------------------------

EVIL = '</blockquote><script>alert(1)</script>{{ 7 * 7 }}\r\nBcc: all@a.example\x1b[31m\u202egpj.exe & "x"'


def evil() -> Message:
    statement = {**SAMPLE.fields["statement"], "text": EVIL, "via": EVIL, "topics": [EVIL], "stance": {EVIL: "for"}}
    statement["speaker"] = {"key": "x", "name": EVIL, "role": EVIL, "country": EVIL}
    fields = {**SAMPLE.fields, "headline": EVIL, "outlets": [EVIL, EVIL], "statement": statement, "why": EVIL}
    return replace(SAMPLE, id="evil", title=EVIL, url="javascript:alert(1)", body=EVIL, fields=fields)


@pytest.mark.parametrize("name", ["email.html", "atom.html"])
@pytest.mark.parametrize("lang", ["en", "es"])
def test_html_is_escaped_wherever_strangers_words_stand(templates, name, lang):
    for message in (evil(), compose_digest("r", "digest", EVIL, [evil(), evil()], NOW), replace(evil(), event="x")):
        html = templates.render(name, message, lang)
        assert "<script" not in html
        assert "javascript:" not in html
        assert "49" not in html
        assert "\x1b" not in html
        assert "\u202e" not in html
        assert "&lt;script&gt;" in html


def test_a_headline_cannot_write_headers(letterbox, templates):
    mail(letterbox, templates).send(evil())
    (got,) = letterbox.mails
    assert "Bcc" not in got
    assert "\n" not in got["Subject"]


def test_clean_keeps_words_of_every_script_and_nothing_that_controls():
    assert clean("ñandú\u200b “sí”\t\n🙂 कोका") == "ñandú “sí” 🙂 कोका"


# --- digests ----------------------------------------------------------------------------------------------------------


def test_a_digest_tells_of_each_alert_and_how_many_there_are(templates):
    told = [replace(SAMPLE, id=str(number), url=f"https://elpuente.example/{number}") for number in range(250)]
    message = compose_digest("daily", "digest", "PE", told, NOW)
    assert message.event == "digest"
    for name, lang in (("email.html", "en"), ("email.txt", "es"), ("chat.txt", "en"), ("atom.html", "es")):
        text = templates.render(name, message, lang)
        assert "https://elpuente.example/199" in text
        assert "https://elpuente.example/200" not in text
        assert "+ 50" in text
    assert "250 avisos" in templates.render("email.txt", message, "es")
    assert templates.subject(message, "es") == "250 avisos: daily (PE)"


def test_a_notice_about_a_source_is_told_as_it_is(letterbox, templates):
    notice = Message("n", "source-health", "RPP: silence", "nothing new\nfor 3 days", "", NOW, {}, "source-health")
    mail(letterbox, templates).send(notice)
    (got,) = letterbox.mails
    assert got["Subject"] == "RPP: silence"
    assert "for 3 days" in got.get_body(("html",)).get_content()


def test_a_broken_template_is_refused_with_file_and_line(tmp_path):
    (tmp_path / "words.toml").write_text((CONFIG / "templates" / "words.toml").read_text("utf-8"), "utf-8")
    (tmp_path / "email.txt").write_text("fine\n{{ nothing.of.it }}\n", "utf-8")
    (tmp_path / "chat.txt").write_text("fine\n{% if %}\n", "utf-8")
    broken = Templates(tmp_path)
    with pytest.raises(ConfigError, match=r"email\.txt: .*'nothing' is undefined"):
        broken.render("email.txt", SAMPLE, "en")
    with pytest.raises(ConfigError, match=r"chat\.txt: line 2: "):
        broken.render("chat.txt", SAMPLE, "en")


# --- Atom -------------------------------------------------------------------------------------------------------------


def feed(path: Path) -> list[ET.Element]:
    return ET.parse(path).getroot().findall(f"{ATOM}entry")


def test_a_feed_has_the_newest_first_each_once_and_no_more_than_it_keeps(tmp_path, templates):
    path = tmp_path / "feeds" / "alerts.atom"
    for number in (1, 2, 2, 3, 4, 1, 4):
        Atom(path, "feed", templates, "en", 3).send(replace(SAMPLE, id=str(number)))
    assert [one.findtext(f"{ATOM}id") for one in feed(path)] == ["urn:vigia:1", "urn:vigia:4", "urn:vigia:3"]


def test_a_feed_can_be_read_by_a_feed_reader(tmp_path, templates):
    import feedparser

    path = tmp_path / "alerts.atom"
    Atom(path, "feed", templates, "es", 10).send(evil())
    Atom(path, "feed", templates, "es", 10).send(SAMPLE)
    read = feedparser.parse(path.read_bytes())
    assert not read.bozo
    assert read.entries[0].link == SAMPLE.url
    assert read.entries[1].link == "urn:vigia:evil"
    assert "Legalizar sería un error" in read.entries[0].content[0].value
    assert read.entries[0].updated_parsed[:3] == (2012, 6, 25)


def test_a_feed_that_is_not_ours_is_left_alone(tmp_path, templates):
    path = tmp_path / "alerts.atom"
    path.write_text("my shopping list", "utf-8")
    with pytest.raises(DeliveryFailed, match="expected a feed of ours"):
        Atom(path, "feed", templates, "en", 3).send(SAMPLE)
    assert path.read_text("utf-8") == "my shopping list"


# --- apprise ----------------------------------------------------------------------------------------------------------

#: of one of the many modules that it loads
old = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@old
def test_apprise_tells_a_service_and_shows_no_address(tmp_path, caplog):
    hook = Hook()
    hook.status = 200
    lines = ('name = "chat"', 'kind = "apprise"', 'url_env = ["CHAT"]')
    with serving(hook), caplog.at_level(logging.DEBUG):
        address = hook.url.replace("http://", "json://user:s3cret@")
        channel = open_one(world(tmp_path, CHAT=address), written(tmp_path, *lines), tmp_path / "a", "chat")
        channel.send(SAMPLE)
        hook.status = 500
        with pytest.raises(DeliveryFailed, match="apprise: expected the message to be taken"):
            channel.send(SAMPLE)
    assert "Ana Prado" in hook.taken[""]["message"]
    assert "s3cret" not in caplog.text


@old
def test_an_address_that_apprise_does_not_know_is_refused_unseen(tmp_path):
    lines = ('name = "chat"', 'kind = "apprise"', 'url_env = ["CHAT"]')
    with pytest.raises(ConfigError, match=r"channel\[0\] \(chat\)\.url_env: expected an address") as caught:
        open_one(world(tmp_path, CHAT="fax://s3cret"), written(tmp_path, *lines), tmp_path / "a", "chat")
    assert "s3cret" not in str(caught.value)
