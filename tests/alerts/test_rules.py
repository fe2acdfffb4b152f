"""Rules: what the shipped ones fire on, and how a wrong one is refused."""

from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from pipeline.alerts import rules as rules_module
from pipeline.alerts.rules import Rules, load_notice_channels, load_rules
from pipeline.errors import ConfigError
from pipeline.query import Record
from pipeline.types import AlertRule

ROOT = Path(__file__).parents[2]
NOW = datetime(2012, 6, 26, 12, tzinfo=UTC)
CHANNELS = ("terminal", "file", "webhook")


def written(folder: Path, text: str) -> Path:
    (folder / "alerts.toml").write_text(text, "utf-8")
    return folder


def rule(query: str = "topic:legalization", **lines: str) -> str:
    return "\n".join(["[[rule]]", 'name = "one"', f"query = '{query}'", *(f"{k} = {v}" for k, v in lines.items())])


def statement(*topics: str, role: str = "president", country: str = "PE") -> Record:
    return Record("statement", fields={"topic": topics, "role": (role,), "country": (country,)})


def fired(record: Record) -> set[str]:
    shipped = Rules(load_rules(ROOT / "config", ("terminal", "file")))
    return {rule.name for rule in shipped.fired_by(record, NOW)}


@pytest.mark.parametrize(
    ("record", "names"),
    [
        (statement("legalization", role="head of drug agency"), {"officials-on-legalization"}),
        (
            statement("decriminalization", role="government", country="GT"),
            {"officials-on-legalization", "heads-of-government-on-policy"},
        ),
        (statement("enforcement-policy"), {"heads-of-government-on-policy"}),
        (statement("alternative-development", role="grower"), {"peru-crops"}),
        (statement("eradication", role="minister", country="CO"), set()),
        (statement("legalization", role="singer", country="US"), set()),
        (statement("interdiction"), set()),
        (Record("item", fields={"topic": ("legalization",), "role": ("president",)}), set()),
    ],
)
def test_the_shipped_rules(record, names):
    assert fired(record) == names


def test_a_rule_keeps_what_is_written_and_defaults_the_rest(tmp_path):
    text = rule(about='"item"', channels='["file", "webhook"]', description='"why"', enabled="false", new='"statement"')
    other = rule().replace("one", "two")
    assert load_rules(written(tmp_path, f"{text}\n{other}"), CHANNELS) == (
        AlertRule("one", "topic:legalization", "item", ("file", "webhook"), "why", False),
        AlertRule("two", "topic:legalization", "statement", ("terminal",), "", True),
    )


def test_how_often_a_rule_is_heard_is_read_into_numbers(tmp_path):
    text = rule(
        realert='"12h"', realert_key='["speaker"]', realert_max='"7d"', digest='"0 7 * * *"', digest_key='["country"]',
        mute_until="2012-07-01", quiet_hours='"22:00-07:00"', zone='"America/Lima"', max_per_hour="10",
        importance='"high"', new='"position"',
    )  # fmt: skip
    (read,) = load_rules(written(tmp_path, text), CHANNELS)
    assert (read.realert, read.realert_key, read.realert_max) == (43_200.0, ("speaker",), 604_800.0)
    assert (read.digest, read.digest_key, read.max_per_hour) == ("0 7 * * *", ("country",), 10)
    assert read.mute_until == datetime(2012, 7, 1, 5, tzinfo=UTC)
    assert read.quiet_hours == (time(22), time(7))
    assert (read.new, read.importance) == ("position", "high")


def test_no_file_and_an_empty_file_mean_no_rules(tmp_path):
    assert load_rules(tmp_path, CHANNELS) == ()
    assert load_rules(written(tmp_path, "# none\n"), CHANNELS) == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[rule]\n", "the whole file: expected TOML in UTF-8"),
        ("[[rule]]\nquery = 'coca'", r"rule\[0\]\.name: expected a value, got 'nothing'"),
        ('rule = "x"', "rule: expected `array`, got 'x'"),
        (rule() + "\n[rules]", "rules: expected one of the keys rule, health, channel, got 'rules'"),
        (rule(chanels='["file"]'), r"rule\[0\]\.chanels: expected one of the keys name, query, .*, got 'chanels'"),
        (rule(about='"article"'), r"rule\[0\]\.about: expected one of 'item', 'statement', got 'article'"),
        (rule(enabled='"yes"'), r"rule\[0\]\.enabled: expected `bool`, got 'yes'"),
        (rule(new='"all"'), r"rule\[0\]\.new: expected one of 'change', 'position', 'statement', got 'all'"),
        (
            rule(new='"change"', about='"item"'),
            r"rule\[0\] \(one\): new: expected 'statement' for a rule about items.*'change'",
        ),
        (rule(realert='"soon"'), r"rule\[0\] \(one\): realert: expected a span like .*, got 'soon'"),
        (rule(realert='"1d"', realert_max='"2h"'), "realert_max: expected a span no shorter than realert, which is 1d"),
        (rule(realert='"1d"', realert_key="[]"), r"realert_key: expected one or more facets, .*, got \(\)"),
        (rule(realert_key='["mood"]'), r"rule\[0\]\.realert_key\[0\]: expected one of 'country', .*, got 'mood'"),
        (rule(digest='"daily"'), "digest: expected a window like 6h or a cron line .*, got 'daily'"),
        (rule(quiet_hours='"night"'), "quiet_hours: expected hours like 22:00-07:00, or nothing, got 'night'"),
        (rule(zone='"Lima"'), "zone: expected an IANA time zone like America/Lima or UTC, got 'Lima'"),
        (rule(mute_until='"2012-07-01"'), "mute_until: expected a date or time without quotes.*, got '2012-07-01'"),
        (rule(max_per_hour="-1"), "max_per_hour: expected a number, 0 for no limit, got -1"),
        (rule(importance='"huge"'), "importance: expected one of 'high', 'low', 'normal', got 'huge'"),
        (rule(channels="[]"), r"channels: expected one or more of file, terminal, webhook, got \(\)"),
        (rule(channels='["fax"]'), r"channels: expected any of file, terminal, webhook .*, got 'fax'"),
        (rule().replace("one", "Big One"), "name: expected .*got 'Big One'"),
        (rule() + "\n" + rule(), r"rule\[1\] \(one\): name: expected a name that no rule above has"),
        (rule(query=""), r"rule\[0\] \(one\): query: expected a condition, got ''"),
        (rule(query="topic:coca AND ("), r"rule\[0\] \(one\): query: expected .* at character 17, got '.*topic:coca"),
        (rule(query="speeker:x"), r"query: expected .* at character 1, got '.*speeker"),
    ],
)
def test_a_wrong_rule_is_refused_by_file_key_expected_and_got(tmp_path, text, says):
    with pytest.raises(ConfigError, match=says) as caught:
        load_rules(written(tmp_path, text), CHANNELS)
    assert caught.value.file == str(tmp_path / "alerts.toml")


def test_a_webhook_rule_without_a_webhook_says_what_to_set(tmp_path):
    with pytest.raises(ConfigError, match="VIGIA_WEBHOOK_URL"):
        load_rules(written(tmp_path, rule(channels='["webhook"]')), ("terminal", "file"))


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    (tmp_path / "alerts.toml").mkdir()
    with pytest.raises(ConfigError, match="readable"):
        load_rules(tmp_path, CHANNELS)


def test_where_notices_about_sources_go(tmp_path):
    text = rule() + '\n[health]\nchannels = ["file", "webhook"]'
    assert load_notice_channels(written(tmp_path, text), CHANNELS) == ("file", "webhook")
    assert [one.name for one in load_rules(tmp_path, CHANNELS)] == ["one"]


def test_without_a_word_on_health_notices_go_nowhere(tmp_path):
    assert load_notice_channels(tmp_path, CHANNELS) == ()
    assert load_notice_channels(written(tmp_path, rule()), CHANNELS) == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[health]\nchannels = ["fax"]', "health: channels: expected any of file, terminal, webhook .*, got 'fax'"),
        ('[health]\nchannel = "file"', "health.channel: expected one of the keys channels, got 'channel'"),
        ('[health]\nchannels = "file"', "health.channels: expected `array`, got 'file'"),
    ],
)
def test_a_wrong_word_on_health_is_refused(tmp_path, text, says):
    with pytest.raises(ConfigError, match=says):
        load_notice_channels(written(tmp_path, text), CHANNELS)


def test_the_shipped_file_tells_of_sources_in_trouble():
    assert load_notice_channels(ROOT / "config", ("terminal", "file")) == ("terminal", "file")


def test_rules_are_asked_of_their_own_kind_and_only_while_enabled():
    items, said = AlertRule("items", "coca", "item"), AlertRule("said", "coca", "statement")
    off = AlertRule("off", "coca", "item", enabled=False)
    rules = Rules((items, said, off))
    assert rules.fired_by(Record("item", texts={"title": (("coca",),)}), NOW) == (items,)
    assert rules.fired_by(Record("statement", texts={"said": (("coca",),)}), NOW) == (said,)
    assert rules.fired_by(Record("item", texts={"title": (("cocoa",),)}), NOW) == ()
    assert "coca" in rules.query(off).explain()


def test_every_field_of_a_rule_is_documented():
    page = (ROOT / "docs" / "alerts.md").read_text("utf-8")
    missing = [name for name in rules_module._Rule.__struct_fields__ if f"| `{name}` |" not in page]
    assert missing == []
