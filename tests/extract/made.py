"""Pages of invented outlets, for the tests of extraction."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from pipeline.extract import extract
from pipeline.types import Article, Entry, Page

URL = "https://www.elfaro.example/nacional/2026/05/14/plan-cuencas.html"
FETCHED_AT = datetime(2026, 5, 15, 12, tzinfo=UTC)

PARAGRAPHS = (
    "La ministra de Salud, Berta Olmos, presentó este jueves en el puerto de Caleta Honda un plan para atender a "
    "consumidores de pasta base en siete municipios de la costa.",
    "“No vamos a tratar como delincuente a quien necesita un médico”, dijo Olmos ante un centenar de vecinos "
    "reunidos en el mercado viejo, que llevaba tres meses cerrado por reparaciones.",
    "El plan prevé abrir doce centros de día antes de diciembre, con psicólogos, enfermeras y promotores que hablen "
    "las lenguas de la zona. El gobierno regional pondrá los locales y el ministerio los sueldos.",
    "El alcalde de Caleta Honda, Ramiro Tello, pidió que la ayuda no llegue solo en época de elecciones y recordó que "
    "el último centro de la provincia cerró hace cuatro años por falta de médicos.",
)
TITLE = "Salud abrirá doce centros para consumidores de pasta base"


def page_of(
    markup: str | bytes,
    *,
    url: str = URL,
    final_url: str | None = None,
    content_type: str = "text/html; charset=utf-8",
    entry: Entry | None = None,
) -> Page:
    body = markup if isinstance(markup, bytes) else markup.encode()
    return Page(url, final_url or url, body, content_type, FETCHED_AT, entry)


def read(markup: str | bytes, *, min_words: int = 5, max_chars: int = 100_000, **more: Any) -> Article:
    return extract(page_of(markup, **more), max_chars=max_chars, min_words=min_words)


def article(head: str = "", *, before: str = "", body: str = "", lang: str = "es") -> str:
    """A plain page around the story; `body` in place of its paragraphs."""
    inner = body or "".join(f"<p>{paragraph}</p>\n" for paragraph in PARAGRAPHS)
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">{head}</head>'
        f'<body>{before}<article><div class="nota-cuerpo">{inner}</div></article></body></html>'
    )


def linked(data: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>'
