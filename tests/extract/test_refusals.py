"""Pages that answer 200 and hold no article: gone without saying so, or a wall. An article is never taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import Blocked, ConfigError, Gone, Never
from pipeline.extract import extract, signs, triage
from pipeline.extract.lexicon import shipped_folder
from pipeline.extract.refusal import check_words
from pipeline.types import Entry, Page
from tests.extract.made import PARAGRAPHS, TITLE, URL, article, linked, page_of, read

NAV = "".join(f'<li><a href="/{name}">{name}</a></li>' for name in ("nacional", "mundo", "puerto", "cultura"))
SORRY = f"<nav><ul>{NAV}</ul></nav><p>Puede que la nota haya sido retirada. Vuelva a la portada.</p>"
SITE = "https://www.elfaro.example"


def missing(title: str, heading: str = "El Faro", head: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}</head><body><h1>{heading}</h1>{SORRY}</body></html>"


def both_looks(page: Page) -> set[type[Exception] | None]:
    found: set[type[Exception] | None] = set()
    for look in (triage, lambda page: extract(page, max_chars=10_000, min_words=5)):
        try:
            look(page)
        except Never as error:
            found.add(type(error))
        else:
            found.add(None)
    return found


# --- gone without saying so -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [
        "Página no encontrada",
        "PÁGINA NO ENCONTRADA | El Faro",
        "El Faro - Error 404",
        "404: Página no encontrada - El Faro",
        "Contenido no disponible — El Faro",
        "Página não encontrada » O Farol",
        "Page not found &#8211; The Beacon",
        "404 - Page Not Found",
        "Oops! That page can&rsquo;t be found. | The Beacon",
    ],
)
def test_a_page_called_missing_is_gone(title: str) -> None:
    assert both_looks(page_of(missing(title))) == {Gone}


def test_so_is_one_whose_heading_says_so() -> None:
    assert both_looks(page_of(missing("El Faro", "<span>Página</span> no encontrada"))) == {Gone}


def test_the_reason_is_told() -> None:
    with pytest.raises(Gone, match=r"plan-cuencas\.html: expected an article, got a page called 'Error 404'"):
        triage(page_of(missing("Error 404 | El Faro")))


@pytest.mark.parametrize(
    "title",
    [
        "Error 404: la novela que nadie encontró | El Faro",
        "No encontrado: el cuerpo que busca Caleta Honda",
        "Page not found no more: the archive is back",
        "La página no existe, dijo el ministro",
        TITLE,
    ],
)
def test_an_article_about_missing_pages_is_an_article(title: str) -> None:
    head = f'<title>{title}</title><meta property="og:type" content="article">'
    assert both_looks(page_of(article(head, before=f"<h1>{title}</h1>"))) == {None}


@pytest.mark.parametrize(
    "claim",
    [
        linked({"@type": "NewsArticle", "headline": "404"}),
        '<meta property="og:type" content="article">',
        '<meta property="article:published_time" content="2026-05-14">',
    ],
)
def test_what_claims_to_be_an_article_is_one_whatever_it_is_called(claim: str) -> None:
    assert both_looks(page_of(article(f"<title>404 | El Faro</title>{claim}"))) == {None}


def test_what_the_feed_called_so_is_so_called() -> None:
    entry = Entry(URL, "Not found")
    assert both_looks(page_of(article("<title>Not found | The Beacon</title>"), entry=entry)) == {None}


LONG = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS * 2)
WIDGET = '<div class="player"><h1>Contenido no disponible</h1></div>'


@pytest.mark.parametrize(
    "before",
    [
        "<!-- <h1>Error 404</h1> -->",
        '<script type="text/template"><h1>Página no encontrada</h1></script>',
        "<TEMPLATE><h1>Página no encontrada</h1></TEMPLATE>",
        "<noscript><h1>Contenido no disponible</h1></noscript>",
        "<script>var a = '<h1>404</h1>'",
    ],
)
def test_what_is_not_shown_does_not_name_the_page(before: str) -> None:
    head = f"<title>{TITLE} | El Faro</title>"
    triage(page_of(article(head, before=f"{before}<h1>{TITLE}</h1>")))


@pytest.mark.parametrize(
    "title",
    ["No encontrado: el cuerpo del periodista", "Erro 404: o partido que sumiu", "404: la banda que nadie quería oír"],
)
def test_a_title_that_goes_on_behind_a_colon_is_an_articles_however_short(title: str) -> None:
    assert both_looks(page_of(article(f"<title>{title} | El Faro</title>"))) == {None}


@pytest.mark.parametrize(
    ("title", "before"),
    [
        ("No encontrado | El Faro", ""),
        ("404 - Crónica", ""),
        (f"{TITLE} | El Faro", WIDGET),
        (f"El Faro: {TITLE}", f"{WIDGET}<h1>{TITLE}</h1>"),
    ],
)
def test_of_a_long_text_a_part_of_the_title_or_a_heading_says_nothing(title: str, before: str) -> None:
    assert both_looks(page_of(article(f"<title>{title}</title>", before=before, body=LONG))) == {None}


def test_of_a_long_text_the_whole_title_counts() -> None:
    assert both_looks(page_of(article("<title>Página no encontrada</title>", body=LONG))) == {Gone}


def test_headlines_are_no_long_text() -> None:
    """Pages that say sorry list the day's news below."""
    news = "".join(f"<li>{word} y otros titulares de la jornada en el puerto</li>" for word in ("Uno", "Dos") * 30)
    with pytest.raises(Gone):
        triage(page_of(missing("Página no encontrada | El Faro").replace(SORRY, f"<p>Lo sentimos.</p><ul>{news}</ul>")))


@pytest.mark.parametrize("home", ["/", "", "/index.html", "/portada"])
def test_a_redirect_to_the_homepage_is_gone(home: str) -> None:
    with pytest.raises(Gone, match=rf"got the homepage {SITE}{home}"):
        read(article(), final_url=f"{SITE}{home}")
    assert both_looks(page_of(article(), final_url=f"{SITE}{home}")) == {Gone}


def test_a_redirect_to_the_articles_section_is_gone() -> None:
    page = page_of(article(), url=f"{SITE}/puerto/plan-cuencas-2026", final_url="https://elfaro.example/puerto/")
    with pytest.raises(Gone, match="got its section"):
        triage(page)


def test_what_the_articles_section_shows_may_be_the_article() -> None:
    """/especial-coca/12345 is the article's address by number, and /especial-coca the one with its name."""
    moved = {"url": f"{SITE}/especial-coca/12345", "final_url": f"{SITE}/especial-coca"}
    claim = '<meta property="og:type" content="article">'
    assert both_looks(page_of(article(), **moved)) == {Gone}
    assert both_looks(page_of(article(body=LONG), **moved)) == {None}
    assert both_looks(page_of(article(claim), **moved)) == {None}


@pytest.mark.parametrize(
    ("url", "final_url"),
    [
        (f"{SITE}/marihuana/2", f"{SITE}/marihuana"),
        (f"{SITE}/entrevista/amp-1", f"{SITE}/entrevista"),
        (f"{SITE}/puerto/plan-cuencas-2026", f"{SITE}/puerto/plan-cuencas-2026/"),
        (f"{SITE}/marihuana/amp/", f"{SITE}/marihuana/"),
        (f"{SITE}/plan-cuencas-2026/amp", f"{SITE}/plan-cuencas-2026"),
        (f"{SITE}/?p=1234", f"{SITE}/puerto/plan-cuencas"),
        (f"{SITE}/nota/1234", f"{SITE}/puerto/plan-cuencas-2026"),
        (f"{SITE}/puerto/plan-cuencas-2026", "https://otro.example/puerto/"),
        (f"{SITE}/puerto/plan-cuencas-2026", f"{SITE}/?p=1234"),
        (f"{SITE}/", f"{SITE}/portada"),
    ],
)
def test_other_redirects_lead_to_articles(url: str, final_url: str) -> None:
    assert both_looks(page_of(article(), url=url, final_url=final_url)) == {None}


def test_a_few_words_that_call_themselves_the_homepage_are_gone() -> None:
    head = f'<title>El Faro</title><link rel="canonical" href="{SITE}/">'
    few = f"<html><head>{head}</head><body><p>{PARAGRAPHS[0]}</p></body></html>"
    with pytest.raises(Gone, match=rf"call themselves {SITE}/"):
        triage(page_of(few))
    assert both_looks(page_of(article(head))) == {None}, "whole articles do that by mistake"
    assert both_looks(page_of(few, url=f"{SITE}/", final_url=f"{SITE}/")) == {None}


# --- walls for consent ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["consent.yahoo.com", "guce.advertising.com", "eu.consent.google.com"])
def test_a_redirect_to_a_wall_for_consent_is_a_refusal(host: str) -> None:
    with pytest.raises(Blocked, match=f"got a wall for consent at https://{host}/v2"):
        read(article(), final_url=f"https://{host}/v2?back=1")
    assert both_looks(page_of(article(), final_url="https://consent.yahoo.com.otro.example/nota-2026")) == {None}


def test_a_short_page_with_a_walls_markup_is_a_refusal() -> None:
    wall = '<html><title>El Faro</title><div id="CookieWall"><p>Elija: aceptar o pagar.</p></div></html>'
    with pytest.raises(Blocked, match=r"a wall for consent \(cookiewall\)"):
        triage(page_of(wall))
    assert both_looks(page_of(wall)) == {Blocked}


@pytest.mark.parametrize(
    "markup",
    [
        '<script src="https://cmp.example/collectConsent.js"></script>',
        '<a href="/que-es-un-cookiewall">Cookies</a>',
        '<!-- <div id="cookiewall">Elija</div> -->',
        '<div id="cookiewall"></div>',
        '<div class="cookie-wall" hidden>Elija: aceptar o pagar.</div>',
        '<div id="cookiewall" style="display: none">Elija: aceptar o pagar.</div>',
    ],
)
def test_a_short_article_that_only_mentions_a_wall_is_an_article(markup: str) -> None:
    assert both_looks(page_of(article(body=f"<p>{PARAGRAPHS[0]}</p>{markup}"))) == {None}


def test_a_form_that_collects_consent_is_a_wall() -> None:
    wall = '<title>El Faro</title><form method="post" action="/v2/collectConsent"><button>Acepto</button></form>'
    with pytest.raises(Blocked, match=r"a wall for consent \(collectconsent\)"):
        triage(page_of(f"<html>{wall}</html>"))


def test_an_article_under_a_banner_is_an_article() -> None:
    assert both_looks(page_of(article(before='<div id="cookiewall"><p>Elija: aceptar o pagar.</p></div>'))) == {None}


@pytest.mark.parametrize(
    "begin",
    [
        "<title" * 400_000,
        "<h1" * 800_000,
        "<h1>" * 600_000,
        "<link rel=canonical " * 120_000,
        '"@type"' * 300_000,
        '<p>"@type":' + " " * 2_000_000,
        "og:type'" + " " * 2_000_000,
        "<!--" * 600_000,
        "<!---->" * 40_000,
        "<script " * 300_000,
        "<svg></svg>" * 30_000,
        "<a " * 700_000,
        ("<a " + "x" * 1_990) * 1_000,
        "<a class=" * 200_000,
        "<a " + "id=x " * 390 + ">",
    ],
    ids=[
        "titles",
        "half headings",
        "headings",
        "links",
        "types",
        "spaces",
        "more spaces",
        "comments",
        "closed comments",
        "scripts",
        "closed drawings",
        "tags",
        "long tags",
        "classes",
        "many ids",
    ],
)
@pytest.mark.timeout(60)
def test_markup_that_is_made_to_be_slow_is_an_article_all_the_same(begin: str) -> None:
    """Where a pattern is quadratic, it takes minutes."""
    check_words(page := f"<html>{begin}</html>", page_of(page), "Una dos tres.")
    with pytest.raises(Gone):
        check_words(f"<title>404</title>{begin}", page_of(page), "Una dos tres.")


# --- the file ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"404",', '"404", "—",', r"pages\.toml: missing\.es\[\d+\]: expected a phrase of one word or more, got '—'"),
        ('"cookiewall"', '"Cookie Wall"', r"pages\.toml: consent\.marks\[0\]: expected one word in lower case"),
        ("[paywall]", "[paywal]", r"pages\.toml: paywal: expected one of the keys"),
    ],
)
def test_a_faulty_file_is_refused(tmp_path: Path, old: str, new: str, fault: str) -> None:
    text = (shipped_folder() / "pages.toml").read_text("utf-8")
    (tmp_path / "pages.toml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ConfigError, match=fault):
        signs.read(tmp_path)
