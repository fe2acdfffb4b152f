"""What an alert says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pipeline.alerts.message import Notice, addressed, alert_id, compose, compose_notice
from pipeline.types import Alert, AlertRule, Report, Source, Speaker

NOW = datetime(2012, 6, 26, 12, tzinfo=UTC)
REPORT = Report(
    where="text",
    parts=((10, 40),),
    text="We shall regulate\n the trade",
    kind="direct",
    speaker=Speaker("Ana Invented", "minister", "PE", key="ana-invented"),
    via="Agencia Ficticia",
    topics=("legalization", "strategy"),
    stance={"legalization": "for", "strategy": "unclear"},
    confidence=0.9,
)
ALERT = Alert(
    rule=AlertRule("officials", "topic:legalization", description="What officials say."),
    why="statements about legalization",
    subject="statement 7",
    fired_at=NOW,
    item_id=3,
    headline="Minister\tspeaks",
    url="https://diario.example/a",
    outlets=("Diario Uno", "Diario Dos"),
    published_at=NOW - timedelta(hours=2),
    lang="en",
    topics=("legalization", "strategy"),
    countries=("PE",),
    statement_id=7,
    report=REPORT,
)


def test_a_statement_in_words():
    message = compose(ALERT)
    assert message.title == "Ana Invented (minister, PE) on legalization (for), strategy"
    assert message.body.splitlines() == [
        "“We shall regulate the trade”",
        "- Ana Invented (minister, PE), direct, via Agencia Ficticia",
        "on legalization (for), strategy",
        "in Minister speaks (Diario Uno, 2012-06-26 10:00 UTC); also in Diario Dos",
        "https://diario.example/a",
        "rule officials: What officials say.",
        "fires on: statements about legalization",
    ]


def test_a_statement_as_fields():
    message = compose(ALERT)
    assert (message.rule, message.url, message.fired_at) == ("officials", ALERT.url, NOW)
    assert message.fields["statement"] == {
        "id": 7,
        "text": REPORT.text,
        "kind": "direct",
        "speaker": {"key": "ana-invented", "name": "Ana Invented", "role": "minister", "country": "PE"},
        "via": "Agencia Ficticia",
        "topics": ["legalization", "strategy"],
        "stance": {"legalization": "for", "strategy": "unclear"},
        "confidence": 0.9,
    }
    assert message.fields["alert"] == message.id
    assert message.fields["outlets"] == ["Diario Uno", "Diario Dos"]
    assert message.fields["published_at"] == "2012-06-26T10:00:00+00:00"


def test_indirect_words_are_not_put_in_quotation_marks():
    report = replace(REPORT, kind="indirect", via=None, topics=(), stance={}, speaker=Speaker(None, "government", "GT"))
    lines = compose(replace(ALERT, report=report)).body.splitlines()
    assert lines[:2] == ["We shall regulate the trade", "- government (GT), indirect"]


def test_without_topics_the_words_are_the_title():
    report = replace(REPORT, topics=(), text="word " * 40, speaker=Speaker(None))
    title = compose(replace(ALERT, report=report)).title
    assert title.startswith("unnamed speaker: word word")
    assert title.endswith("word …")
    assert len(title) < 120


def test_an_item_is_told_by_its_headline():
    message = compose(replace(ALERT, report=None, statement_id=None, published_at=None, outlets=("Diario Uno",)))
    assert message.title == "Minister speaks"
    assert message.body.splitlines()[:2] == ["in Minister speaks (Diario Uno)", "on legalization, strategy"]
    assert "statement" not in message.fields


def test_the_id_is_stable_and_tells_apart_rule_subject_moment_and_channel():
    base = alert_id("officials", "statement 7", NOW)
    assert base == compose(ALERT).id == compose(replace(ALERT, headline="Changed")).id
    others = {
        alert_id("other", "statement 7", NOW),
        alert_id("officials", "statement 8", NOW),
        alert_id("officials", "statement 7", NOW + timedelta(microseconds=1)),
    }
    assert len(others | {base}) == 4
    by_channel = {addressed(compose(ALERT), channel).id for channel in ("file", "webhook")}
    assert by_channel == {f"{base}-file", f"{base}-webhook"}


DIARIO = Source("diario", "Diario", "PE", ("es",), "http://diario.example")
SILENT = Notice("diario", "silence", "nothing new for\n31 hours", NOW, "opened", "warning", NOW)


def test_a_notice_in_words():
    message = compose_notice(SILENT, DIARIO)
    assert (message.rule, message.event, message.url) == ("source-health", "source-health", "http://diario.example")
    assert message.title == "Diario: silence"
    assert message.body == "nothing new for 31 hours\nsource diario; what to do: docs/health.md"


def test_a_notice_that_something_is_over():
    over = replace(SILENT, state="recovered", sentence="something new", made_at=NOW + timedelta(days=1))
    message = compose_notice(over, DIARIO)
    assert message.title == "Diario: silence is over"
    assert message.body.splitlines()[1] == "noticed 2012-06-26 12:00 UTC"
    assert message.fields["state"] == "recovered"
    assert message.id != compose_notice(SILENT, DIARIO).id


def test_a_notice_as_fields():
    assert compose_notice(SILENT, DIARIO).fields == {
        "source": "diario",
        "source_name": "Diario",
        "kind": "silence",
        "state": "opened",
        "severity": "warning",
        "since": "2012-06-26T12:00:00+00:00",
        "sentence": "nothing new for\n31 hours",
    }


def test_a_notice_about_ourselves():
    message = compose_notice(Notice("", "outage", "nobody answers", NOW), None)
    assert (message.title, message.url, message.fields["source"]) == ("all sources: outage", "", None)
    assert message.body == "nobody answers\nwhat to do: docs/health.md"
