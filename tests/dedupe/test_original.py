"""Which appearance is cited: the credited agency's own, else the earliest, whatever was seen first."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest

from pipeline.dedupe import Agencies, Place, original_among
from pipeline.errors import ConfigError
from tests.fakes import NOW
from tests.flows import CONFIG

AGENCIES = Agencies.load(CONFIG)


@pytest.mark.parametrize(
    ("text", "agencies"),
    [
        ("LIMA, 26 jun (EFE).- El Gobierno anunció.\nMás.", ("EFE",)),
        ("LIMA (Reuters) - The government said.\nMore.", ("Reuters",)),
        ("WASHINGTON (AP) — Officials said.\nMore.", ("AP",)),
        ("EFE - El Gobierno anunció.\nMás.", ("EFE",)),
        ("BRASÍLIA (AFP/EFE) - O governo.\nMais.", ("AFP", "EFE")),
        ("Agencia EFE\nEl Gobierno anunció.\nMás.", ("EFE",)),
        ("El Gobierno anunció.\nCon información de AFP", ("AFP",)),
        ("O governo anunciou.\nCom informações da Agência Brasil.", ("Agência Brasil",)),
        ("The AP program was cut, and the reuters of old.\nMore.", ()),
        (
            "El Gobierno anunció.\nSegún la agencia EFE, que cita a dos fuentes de la comisaría del distrito, hubo "
            "nueve personas detenidas en la madrugada.",
            (),
        ),
        ("", ()),
    ],
)
def test_a_text_credits_an_agency_in_its_dateline_or_last_line(text: str, agencies: tuple[str, ...]) -> None:
    assert AGENCIES.credited(text) == agencies


def test_a_byline_credits_too() -> None:
    assert AGENCIES.credited("Texto.\nFin.", ("Ana Luz", "Associated Press")) == ("AP",)


def test_an_outlet_is_an_agency_by_its_slug_or_its_host() -> None:
    assert AGENCIES.agency_of("efe", "http://x.example/1") == "EFE"
    assert AGENCIES.agency_of("imported", "https://www.efe.com/efe/1") == "EFE"
    assert AGENCIES.agency_of("imported", "https://notefe.com/efe/1") is None
    assert AGENCIES.agency_of("diario", "no address") is None


def place(number: int, source: str = "diario", hours: int = 0, credited: tuple[str, ...] = ()) -> Place:
    return Place(number, source, f"http://{source}.example/{number}", NOW + timedelta(hours=hours), credited)


@pytest.mark.parametrize(
    ("places", "best"),
    [
        ([place(1, hours=2), place(2, "gaceta", hours=1)], 2),
        ([place(1, hours=1, credited=("EFE",)), place(2, "efe", hours=3)], 2),
        ([place(1, hours=1), place(2, "efe", hours=3)], 1),
        ([place(1, hours=1, credited=("AP",)), place(2, "efe", hours=3)], 1),
        ([place(1, hours=5, credited=("EFE",)), place(2, hours=4), place(3, "gaceta", hours=6)], 2),
        ([place(1), place(2), place(3, "agora")], 3),
    ],
)
def test_the_credited_agency_is_cited_else_the_earliest(places: list[Place], best: int) -> None:
    assert {original_among(order, AGENCIES).id for order in permutations(places)} == {best}


def test_without_agencies_the_earliest_is_cited() -> None:
    none = Agencies.of()
    assert none.credited("LIMA (EFE) - x\n(AP)") == ()
    assert original_among([place(1, hours=1, credited=("EFE",)), place(2, "efe", hours=3)], none).id == 1


def test_an_agency_without_a_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "agencies.toml").write_text('[[agency]]\nnames = ["EFE", " "]\n', "utf-8")
    with pytest.raises(ConfigError, match=r"agencies\.toml: agency\[0\]\.names"):
        Agencies.load(tmp_path)
