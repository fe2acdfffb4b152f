"""Which texts fold together: copies in all their forms do, whatever came first; texts that only look alike do not."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dedupe import fingerprint, relation, resemblance
from pipeline.types import Fingerprint
from samples.newsroom.press import load_press

MIRROR = {"same": "same", "copy": "copy", "trimmed": "extended", "extended": "trimmed", None: None}
LONG_ENOUGH = 90


@cache
def stories() -> tuple[tuple[str, str], ...]:
    """Language and text of the newsroom's own stories; reprints of them are left out."""
    press = load_press()
    told = [
        (press.outlets[story.outlet].language, "\n".join(piece.removeprefix("## ") for piece in story.text))
        for story in press.stories.values()
        if story.copy is None and not story.fault
    ]
    return tuple(one for one in told if len(one[1].split()) >= LONG_ENOUGH)


def edited(text: str, share: float, dice: random.Random) -> str:
    """The text with a share of its words replaced, dropped or doubled."""
    words = text.split(" ")
    others = [word for word in text.split() if word.isalpha()]
    for at, word in enumerate(words):
        if dice.random() < share:
            words[at] = dice.choice([dice.choice(others), dice.choice(others), "", f"{word} {dice.choice(others)}"])
    return " ".join(words)


def beginning(text: str, least: int) -> str:
    """The first paragraphs, at least so many words."""
    kept: list[str] = []
    for paragraph in text.split("\n"):
        kept.append(paragraph)
        if len(" ".join(kept).split()) >= least:
            break
    return "\n".join(kept)


def shouted(text: str) -> str:
    return "  ".join(text.upper().replace("\n", "\n\n").split(" "))


Family = Callable[[str, str, random.Random], str]
FAMILIES: dict[str, tuple[Family, set[str]]] = {
    "set otherwise": (lambda text, local, dice: shouted(text), {"same"}),
    "3 % edited": (lambda text, local, dice: edited(text, 0.03, dice), {"same", "copy"}),
    "8 % edited": (lambda text, local, dice: edited(text, 0.08, dice), {"copy"}),
    "trimmed to 60": (lambda text, local, dice: beginning(text, 60), {"trimmed"}),
    "trimmed to 60, edited": (lambda text, local, dice: edited(beginning(text, 60), 0.03, dice), {"trimmed"}),
    "without its opening": (lambda text, local, dice: "\n".join(text.split("\n")[1:]), {"copy", "trimmed"}),
    "with a local ending": (lambda text, local, dice: f"{text}\n{local}", {"copy", "extended"}),
    "with a local opening": (lambda text, local, dice: f"{local}\n{text}", {"copy", "extended"}),
    "edited and local": (lambda text, local, dice: f"{edited(text, 0.03, dice)}\n{local}", {"copy", "extended"}),
}


def pairs(family: Family) -> Iterator[tuple[str, str]]:
    dice = random.Random(20120626)
    for language, text in stories():
        local = beginning(dice.choice([other for known, other in stories() if known == language and other != text]), 40)
        yield text, family(text, local, dice)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_copy_is_found_by_its_keys_and_known_for_what_it_is(name: str) -> None:
    family, expected = FAMILIES[name]
    told = list(pairs(family))
    found = [relation(copy, text) in expected and bool(shared_keys(copy, text)) for text, copy in told]
    assert sum(found) >= 0.98 * len(told)


@pytest.mark.parametrize("name", FAMILIES)
def test_what_came_first_makes_no_difference(name: str) -> None:
    for text, copy in pairs(FAMILIES[name][0]):
        assert relation(text, copy) == MIRROR[relation(copy, text)]


def shared_keys(a: str, b: str) -> set[int]:
    return set(fingerprint("", a).bands) & set(fingerprint("", b).bands)


def test_different_stories_do_not_fold_even_on_one_event() -> None:
    assert not [pair for pair in combinations((text for _, text in stories()), 2) if relation(*pair)]


def test_a_new_title_changes_nothing() -> None:
    text = stories()[0][1]
    assert fingerprint("Un título", text) == fingerprint("Otro muy distinto", text)


# --- forms filled in again --------------------------------------------------------------------------------------------

FORMS = {
    "es": """
        La unidad antidrogas decomisó {a} kilos de cocaína la madrugada del {b} de {month} en {place}, informó el
        coronel {name}. El cargamento iba oculto en un camión de placa {plate} que había salido hacia la costa.
        Fueron detenidas {c} personas, que quedaron a disposición de la fiscalía. La droga valdría {d} millones
        de dólares. En lo que va del año la unidad ha decomisado {e} toneladas en la región, y pide a la
        población denunciar cualquier hecho sospechoso a la línea gratuita, que atiende a toda hora y mantiene en
        reserva la identidad de quien llama.
    """,
    "en": """
        Deputies seized {a} pounds of methamphetamine during a traffic stop near {place} on {month} {b}, the
        sheriff's office said. The car, with plates {plate}, was stopped for speeding, and a dog alerted officers
        to the trunk, where the drug was found in {c} sealed packages. The driver, {name}, was booked into the
        county jail on charges of trafficking. Bail was set at {d} thousand dollars. The task force has made {e}
        such arrests this year and asks anyone with information to call its tip line, which does not record the
        caller's number.
    """,
    "pt": """
        A polícia rodoviária apreendeu {a} quilos de maconha em {place} na tarde do dia {b} de {month}. A droga
        estava escondida em um caminhão de placa {plate}. O motorista, {name}, disse que receberia {c} mil reais
        pelo transporte e foi levado à delegacia, onde vai responder por tráfico. A carga foi avaliada em {d}
        milhões de reais. Neste ano a corporação já retirou das rodovias federais {e} toneladas de entorpecentes,
        segundo o balanço divulgado ontem, e mantém a fiscalização reforçada nos acessos à fronteira durante os
        feriados.
    """,
    "weather": """
        El servicio de meteorología informó que mañana la temperatura máxima en la capital llegará a {a} grados y
        la mínima a {b} grados. La humedad será de {c} por ciento y el viento soplará a {d} kilómetros por hora.
        El índice de radiación alcanzará el nivel {e}, por lo que se recomienda usar protector solar, sombrero y
        lentes oscuros.
    """,
}
PLACES = ("Huanca Baja", "Puerto Lirio", "San Telmo", "Vado Grande", "Quebrada Honda", "Barra Nova")
NAMES = ("Abel Quispe Rojas", "Norma Tadeo", "Gil Farías", "Rita Monteagudo", "Joel Marsh", "Davi Peixoto")
MONTHS = ("mayo", "junio", "July", "março")


def filled(form: str, dice: random.Random) -> str:
    figures = {letter: dice.randrange(2, 900) for letter in "abcde"}
    plate = f"{dice.choice('ABCDF')}{dice.choice('KLMN')}-{dice.randrange(100, 999)}"
    chosen = {"month": dice.choice(MONTHS), "place": dice.choice(PLACES), "name": dice.choice(NAMES), "plate": plate}
    return FORMS[form].format(**figures, **chosen)


@pytest.mark.parametrize("form", FORMS)
def test_a_form_filled_in_again_is_another_text(form: str) -> None:
    dice = random.Random(form)
    folded = [relation(filled(form, dice), filled(form, dice)) for _ in range(100)]
    assert folded.count(None) >= 99


@pytest.mark.parametrize("form", FORMS)
def test_one_corrected_figure_makes_no_other_text(form: str) -> None:
    text = filled(form, random.Random(7))
    number = next(word for word in text.split() if word.isdigit())
    assert relation(text.replace(number, f"{number}7", 1), text) == "copy"


def test_a_long_report_with_its_toll_brought_up_to_date_is_a_copy() -> None:
    text = re.sub(r"\d+", "varios", max((text for _, text in stories()), key=len))
    toll = "El saldo provisional es de {} detenidos, {} heridos y {} prófugos, según la prefectura del puerto."
    assert relation(f"{text}\n{toll.format(12, 30, 4)}", f"{text}\n{toll.format(15, 42, 7)}") == "copy"


# --- keys and estimates -----------------------------------------------------------------------------------------------


def test_keys_fit_a_signed_big_integer_and_stay_few() -> None:
    for _, text in stories():
        made = fingerprint("", text * 20)
        assert all(0 <= key < 2**63 for key in (*made.bands, made.text_hash))
        assert len(set(made.bands)) == len(made.bands) <= 16 + 60 + 32


def test_a_stock_phrase_is_no_key() -> None:
    phrase = "según informó el ministerio"
    texts = [
        f"{phrase} {' '.join(f'{word}{at}' for word in text.split())}" for at, (_, text) in enumerate(stories()[:20])
    ]
    assert not any(shared_keys(a, b) for a, b in combinations(texts, 2))


def test_resemblance_estimates_the_share_of_common_shingles() -> None:
    dice = random.Random(1)
    for _, text in stories()[:20]:
        made = fingerprint("", text)
        assert resemblance(made, made) == 1.0
        assert resemblance(made, fingerprint("", edited(text, 0.03, dice))) > 0.6
        assert resemblance(made, fingerprint("", text[::-1])) < 0.2


def test_an_empty_text_is_a_copy_of_nothing() -> None:
    empty = fingerprint("Título", "")
    assert empty == Fingerprint(empty.text_hash, (0,) * 64, (), 0)
    assert relation("", "") is None
    assert relation("—", "texto") is None
    assert resemblance(empty, empty) == 0.0


@given(st.text(max_size=200), st.text(max_size=200))
def test_relation_is_symmetric_on_any_texts(a: str, b: str) -> None:
    assert relation(a, b) == MIRROR[relation(b, a)]


FEW = ("uno", "dos", "Lima", "45", "Juan", "Pérez", "dijo", "que", "no", "habrá", "12", "kilos", ".")
WORDS = st.lists(st.sampled_from(FEW), max_size=120)


@given(WORDS, WORDS)
def test_relation_is_symmetric_on_texts_of_few_words(a: list[str], b: list[str]) -> None:
    assert relation(" ".join(a), " ".join(b)) == MIRROR[relation(" ".join(b), " ".join(a))]


@given(st.text(max_size=300))
def test_a_text_is_the_same_as_itself_and_its_fingerprint_is_stable(text: str) -> None:
    # the one mark that Unicode's upper case turns into a letter of its own
    text = text.replace("\u0345", "")
    made = fingerprint("", text)
    assert made == fingerprint("", text.upper().lower()) or text.upper().lower().casefold() != text.casefold()
    assert relation(text, text) == ("same" if made.words else None)
