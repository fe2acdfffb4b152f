"""`vigia show ITEM --revisions`: what a publisher changed, readable without colour, and as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from frontends.cli.difference import print_revisions
from pipeline.dedupe import changes
from pipeline.storage.views import RevisionView
from tests.cli.test_commands import LINES, TEXT, as_json, vigia, write_lines
from tests.fakes import NOW

CHANGED = TEXT.replace("rechazó ayer", "rechazó el lunes").replace("pliego de pedidos", "pliego de 12 pedidos")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with an article that its publisher changed once."""
    folder = tmp_path_factory.mktemp("home")
    later: dict[str, Any] = LINES[0] | {"title": "Quintanilla insiste en su rechazo", "text": CHANGED}
    write_lines(folder / "lines.jsonl", [LINES[0], later])
    assert vigia("import", str(folder / "lines.jsonl"), home=folder).returncode == 0
    return folder


def test_changes_are_marked_word_by_word(home: Path) -> None:
    shown = vigia("show", "1", "--revisions", home=home).stdout
    assert "rechazó [-ayer-] {+el lunes+} la legalización" in shown
    assert "pliego de {+12+} pedidos." in shown
    assert "headline: Quintanilla [-rechaza la legalización de la marihuana-]{+insiste en su rechazo+}" in shown


def test_without_being_asked_only_their_number_is_told(home: Path) -> None:
    shown = vigia("show", "1", home=home).stdout
    assert "1 earlier text(s): --revisions" in shown
    assert "[-" not in shown


def test_json_has_the_way_from_each_text_to_the_next(home: Path) -> None:
    item = as_json(vigia("show", "1", "--json", home=home))
    (revision,) = item["revisions"]
    old, new = ("".join(one["text"] for one in revision["changes"] if one["op"] in ("same", op)) for op in OPS)
    assert (old, new) == (TEXT, CHANGED) == (revision["text"], item["text"])
    old, new = ("".join(one["text"] for one in revision["title_changes"] if one["op"] in ("same", op)) for op in OPS)
    assert (old, new) == (revision["title"], item["title"])


OPS = ("deleted", "inserted")


def revision(old: str, new: str) -> RevisionView:
    return RevisionView("T", old, NOW, changes("T", "T"), changes(old, new))


def test_paragraphs_without_a_change_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    print_revisions(
        [revision("uno\ndos\ntres\ncuatro es\ncinco\nseis", "uno\ndos\ntres\ncuatro fue\ncinco\nseis\nsiete")]
    )
    assert capsys.readouterr().out.splitlines()[2:] == ["…", "cuatro [-es-]{+fue+}", "…", "{+siete+}"]


def test_what_strangers_wrote_cannot_steer_the_terminal_or_the_markup(capsys: pytest.CaptureFixture[str]) -> None:
    print_revisions([revision("uno [bold]dos[/bold]", "uno \x1b[31m[red]tres")])
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "[-[bold]dos[/bold]-]" in out
    assert "[red]tres" in out
