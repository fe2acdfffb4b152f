"""What stands around a quotation in the text that reports it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, case, select

from pipeline.storage.schema import appearances, items, reports, revisions
from pipeline.storage.views import ReportView, StatementView

#: code points told on either side
_WIDTH = 280
#: reports that are told with it
_REPORTS = 200


def with_context(db: Connection, said: StatementView) -> StatementView:
    """The same statement, its first reports with what stands before and after the words in each."""
    texts = list(db.execute(_texts(said.id)))
    told = [_placed(report, text) for report, text in zip(said.reports, texts, strict=False)]
    return replace(said, reports=(*told, *said.reports[len(told) :]))


def _texts(statement_id: int) -> Any:
    """The text or title that each report stands in: the item's, or that of its appearance or revision."""
    own = case(
        (reports.c.revision_id.is_not(None), revisions.c.text),
        (appearances.c.text.is_not(None), appearances.c.text),
        else_=items.c.text,
    )
    title = case(
        (reports.c.revision_id.is_not(None), revisions.c.title),
        (reports.c.appearance_id.is_not(None), appearances.c.title),
        else_=items.c.title,
    )
    return (
        select(case((reports.c.where == "title", title), else_=own).label("told"))
        .join(items, items.c.id == reports.c.item_id)
        .join(appearances, appearances.c.id == reports.c.appearance_id, isouter=True)
        .join(revisions, revisions.c.id == reports.c.revision_id, isouter=True)
        .where(reports.c.statement_id == statement_id)
        .order_by(reports.c.id)
        .limit(_REPORTS)
    )


def _placed(report: ReportView, text: Row[Any]) -> ReportView:
    if not report.parts:
        return report
    start, end = report.parts[0][0], report.parts[-1][1]
    return replace(report, before=_last(text.told[:start]), after=_first(text.told[end:]))


def _last(text: str) -> str:
    """The end of a text, from a whole word on."""
    cut = text[-_WIDTH:]
    return cut if len(cut) == len(text) or " " not in cut else cut[cut.index(" ") + 1 :]


def _first(text: str) -> str:
    """The beginning of a text, up to a whole word."""
    cut = text[:_WIDTH]
    return cut if len(cut) == len(text) or " " not in cut else cut[: cut.rindex(" ")]
