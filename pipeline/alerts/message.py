"""An alert or a notice in words and as fields: what was said, by whom, where to read it, why the rule fired. Pure.

Holds no channel's own layout; what a channel must escape, it escapes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from pipeline.types import Alert, Message, Report, Source, Speaker

#: characters of a statement that stands in for a title
_TITLE = 90
#: the event of a notice; an alert's is "alert"
HEALTH = "source-health"
#: the event of what tells several alerts at once
DIGEST = "digest"
#: alerts that a digest spells out; how many there are it says in any case
_DIGEST = 200
#: why alerts come together
_TOGETHER = {
    "digest": "gathered for this digest",
    "quiet": "fired in the quiet hours",
    "summary": "more than the rule may tell one by one in an hour",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """What happened to a source, or to us, if `source` is empty."""

    source: str
    #: a symptom's kind, or a word such as "retired" for what a poll noticed
    kind: str
    sentence: str
    made_at: datetime
    #: "noted" is what has no end
    state: Literal["opened", "recovered", "noted"] = "noted"
    severity: str = "warning"
    #: when the symptom was noticed
    since: datetime | None = None


def compose(alert: Alert) -> Message:
    """Put an alert into English; `id` is the alert's own, see `addressed`."""
    title, said = (alert.headline, []) if alert.report is None else (_title(alert.report), _said(alert.report))
    return Message(
        id=alert_id(alert.rule.name, alert.subject, alert.fired_at),
        rule=alert.rule.name,
        title=_line(title),
        body="\n".join([*said, *_where(alert), alert.url, *_why(alert)]),
        url=alert.url,
        fired_at=alert.fired_at,
        fields=_fields(alert),
    )


def compose_notice(notice: Notice, source: Source | None) -> Message:
    """Put a notice into English; `source` is the one it is about, where the catalogue has it."""
    name = source.name if source else notice.source or "all sources"
    over = " is over" if notice.state == "recovered" else ""
    since = f"noticed {notice.since:%Y-%m-%d %H:%M} UTC" if over and notice.since else ""
    about = f"source {notice.source}; " if notice.source else ""
    return Message(
        id=alert_id(HEALTH, f"{notice.source} {notice.kind} {notice.state} {notice.sentence}", notice.made_at),
        rule=HEALTH,
        title=_line(f"{name}: {notice.kind}{over}"),
        body="\n".join(filter(None, (_line(notice.sentence), since, f"{about}what to do: docs/health.md"))),
        url=source.homepage if source else "",
        fired_at=notice.made_at,
        fields=_notice_fields(notice, name),
        event=HEALTH,
    )


def compose_digest(rule: str, kind: str, key: str, told: Sequence[Message], now: datetime) -> Message:
    """Put several alerts of one rule into one message, in English; `kind` says why they come together."""
    shown = told[:_DIGEST]
    head = f"{len(told)} alerts of {rule}{f' ({key})' if key.strip(' /') else ''}"
    return Message(
        id=alert_id(f"{rule} {kind}", "\n".join((key, *(one.id for one in told))), now),
        rule=rule,
        title=_line(head),
        body="\n\n".join([_TOGETHER[kind], *(f"{one.title}\n{one.body}" for one in shown)]),
        url="",
        fired_at=now,
        fields={
            "rule": rule,
            "kind": kind,
            "key": key,
            "total": len(told),
            "importance": told[0].fields.get("importance", "normal"),
            "alerts": [_told(one) for one in shown],
        },
        event=DIGEST,
    )


def _told(message: Message) -> dict[str, object]:
    return {
        "title": message.title,
        "url": message.url,
        "fired_at": message.fired_at.isoformat(),
        "fields": dict(message.fields),
    }


def _notice_fields(notice: Notice, name: str) -> dict[str, object]:
    return {
        "source": notice.source or None,
        "source_name": name,
        "kind": notice.kind,
        "state": notice.state,
        "severity": notice.severity,
        "since": notice.since.isoformat() if notice.since else None,
        "sentence": notice.sentence,
    }


def alert_id(rule: str, subject: str, fired_at: datetime) -> str:
    """Hash an alert's identity into 24 hexadecimal digits: the same at every attempt, unlike any of another store."""
    return hashlib.sha256(f"{rule}\n{subject}\n{fired_at.isoformat()}".encode()).hexdigest()[:24]


def addressed(message: Message, channel: str) -> Message:
    """Give the message to one channel its idempotency key: the alert's id and the channel."""
    return replace(message, id=f"{message.id}-{channel}")


def _title(report: Report) -> str:
    if report.topics:
        return f"{_who(report.speaker)} {_on(report.topics, report.stance)[0]}"
    words = _line(report.text)
    return f"{_who(report.speaker)}: {words if len(words) <= _TITLE else words[:_TITLE].rsplit(' ', 1)[0] + ' …'}"


def _said(report: Report) -> list[str]:
    words = _line(report.text)
    via = f", via {report.via}" if report.via else ""
    return [
        f"“{words}”" if report.kind == "direct" else words,
        f"- {_who(report.speaker)}, {report.kind}{via}",
        *_on(report.topics, report.stance),
    ]


def _where(alert: Alert) -> list[str]:
    first, *others = alert.outlets or ("unknown outlet",)
    date = f", {alert.published_at:%Y-%m-%d %H:%M} UTC" if alert.published_at else ""
    also = f"; also in {', '.join(others)}" if others else ""
    about = _on(alert.topics, {}) if alert.report is None else []
    return [f"in {_line(alert.headline)} ({first}{date}){also}", *about]


def _why(alert: Alert) -> list[str]:
    purpose = f": {_line(alert.rule.description)}" if alert.rule.description else ""
    return [f"rule {alert.rule.name}{purpose}", f"fires on: {alert.why}"]


def _on(topics: tuple[str, ...], stance: Mapping[str, str]) -> list[str]:
    """Topics, each with the side taken where that is clear, in one line; no line without topics."""
    sides = ((topic, stance.get(topic, "unclear")) for topic in topics)
    told = [topic if side == "unclear" else f"{topic} ({side})" for topic, side in sides]
    return ["on " + ", ".join(told)] if told else []


def _who(speaker: Speaker) -> str:
    name = speaker.name or speaker.role or "unnamed speaker"
    beside = [word for word in (speaker.role if speaker.name else None, speaker.country) if word]
    return _line(f"{name} ({', '.join(beside)})" if beside else name)


def _line(text: str) -> str:
    return " ".join(text.split())


def _fields(alert: Alert) -> dict[str, object]:
    """The same as data; times in ISO 8601."""
    fields: dict[str, object] = {
        "alert": alert_id(alert.rule.name, alert.subject, alert.fired_at),
        "about": alert.rule.about,
        "importance": alert.rule.importance,
        "why": alert.why,
        "why_es": alert.why_es,
        "item_id": alert.item_id,
        "headline": alert.headline,
        "outlets": list(alert.outlets),
        "published_at": alert.published_at.isoformat() if alert.published_at else None,
        "lang": alert.lang,
        "topics": list(alert.topics),
        "countries": list(alert.countries),
    }
    if alert.report is not None:
        fields["statement"] = _statement(alert.statement_id, alert.report)
    return fields


def _statement(statement_id: int | None, report: Report) -> dict[str, object]:
    speaker = report.speaker
    return {
        "id": statement_id,
        "text": report.text,
        "kind": report.kind,
        "speaker": {"key": speaker.key, "name": speaker.name, "role": speaker.role, "country": speaker.country},
        "via": report.via,
        "topics": list(report.topics),
        "stance": dict(report.stance),
        "confidence": report.confidence,
    }
