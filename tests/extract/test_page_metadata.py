"""What a page says of its article: title, authors, dates, addresses, language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.types import Entry
from tests.extract.made import FETCHED_AT, PARAGRAPHS, TITLE, URL, article, linked, read

PUBLISHED = datetime(2026, 5, 14, 15, 30, tzinfo=UTC)
NEWS: dict[str, Any] = {
    "@type": "NewsArticle",
    "url": URL,
    "headline": TITLE,
    "datePublished": "2026-05-14T10:30:00-05:00",
    "dateModified": "2026-05-14T18:00:00-05:00",
    "author": {"@type": "Person", "name": "Inés Quiroga"},
    "publisher": {"@type": "Organization", "name": "El Faro"},
}
OTHER = NEWS | {
    "url": "https://www.elfaro.example/otra",
    "headline": "Otra nota",
    "author": "Otro",
    "datePublished": "2026-01-01T00:00:00Z",
}


# --- linked data ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        NEWS,
        [NEWS],
        [{"@type": "BreadcrumbList", "itemListElement": [OTHER]}, NEWS],
        {"@context": "https://schema.org", "@graph": [{"@type": "WebSite", "name": "El Faro"}, NEWS]},
        {"@graph": [NEWS | {"author": {"@id": "#ines"}}, {"@type": "Person", "@id": "#ines", "name": "Inés Quiroga"}]},
        {"@type": "WebPage", "mainEntity": NEWS},
        [OTHER, NEWS],
        [OTHER, NEWS | {"url": None, "mainEntityOfPage": {"@type": "WebPage", "@id": URL.replace("https", "http")}}],
        [OTHER, NEWS | {"url": None}],
        NEWS | {"@type": ["NewsArticle", "ReportageNewsArticle"]},
        NEWS | {"@type": "http://schema.org/NewsArticle", "author": [{"name": ["Inés Quiroga"]}]},
        NEWS | {"author": "Por Inés Quiroga"},
        NEWS | {"relatedLink": OTHER, "hasPart": [OTHER]},
    ],
)
def test_linked_data_is_read_however_it_is_nested(data: object) -> None:
    found = read(article(f"<title>{TITLE} | El Faro</title>{linked(data)}"))
    assert (found.title, found.authors, found.published_at) == (TITLE, ("Inés Quiroga",), PUBLISHED)


def test_of_several_articles_the_one_with_the_pages_headline_is_read() -> None:
    data = [OTHER, NEWS | {"url": None, "headline": "Coca y paz"}]
    assert read(article(f"<title>Coca y paz</title>{linked(data)}")).authors == ("Inés Quiroga",)


@pytest.mark.parametrize("key", ["relatedLink", "itemListElement", "hasPart", "mentions"])
def test_articles_that_a_page_merely_lists_are_not_it(key: str) -> None:
    found = read(article(linked({"@type": "WebPage", key: [OTHER]})), url="https://www.elfaro.example/nota/7")
    assert (found.authors, found.published_at) == ((), None)


@pytest.mark.parametrize(
    "damaged",
    [
        '<!-- {"@type":"NewsArticle","headline":"H","datePublished":"2026-05-14"} -->',
        '{"@type":"NewsArticle","headline":"H","datePublished":"2026-05-14",}',
        '{"@type":"NewsArticle","headline":"H",\n"datePublished":"2026-05-14\t"};',
        '//<![CDATA[\n{"@type":"NewsArticle","headline":"H","datePublished":"2026-05-14"}\n//]]>',
        "{&quot;@type&quot;:&quot;NewsArticle&quot;,&quot;datePublished&quot;:&quot;2026-05-14&quot;}",
        '{"@type":"NewsArticle","headline":"El "plan" de Salud","datePublished":"2026-05-14","image":{"url":}',
        '[{"@type":"NewsArticle","headline":"H","datePublished":"2026-05-14"},',
    ],
)
def test_slightly_damaged_linked_data_is_read(damaged: str) -> None:
    script = f'<script type="application/ld+json">{damaged}</script>'
    found = read(article(script), url="https://www.elfaro.example/nota/7")
    assert found.published_at == datetime(2026, 5, 14, tzinfo=UTC)


def test_broken_linked_data_still_names_the_author() -> None:
    broken = '{"@type":"NewsArticle","author":[{"@type":"Person","name":"In\\u00e9s Quiroga"}],"headline":"El "plan""'
    assert read(article(f'<script type="application/ld+json">{broken}</script>')).authors == ("Inés Quiroga",)


@pytest.mark.parametrize(
    "broken", ["{", "null", "[[[]]]", '"text"', '{"@type": 7, "@graph": "x"}', '{"@graph": [null, 3]}']
)
def test_unreadable_linked_data_is_left_out(broken: str) -> None:
    head = f'<title>{TITLE}</title><script type="application/ld+json">{broken}</script>'
    assert read(article(head)).title == TITLE


# --- title ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        f"<title>{TITLE} | El Faro</title>",
        f"<title>{TITLE} - El Faro</title><meta property='og:site_name' content='El Faro'>",
        f"<title>{TITLE} » El Faro del Sur</title><meta property='og:site_name' content='El Faro del Sur'>",
        f"<title>El Faro: {TITLE}</title><meta property='og:title' content='{TITLE}'>",
        f"<title>El Faro — {TITLE}</title>",
        f"<title>{TITLE} | elfaro.example</title>",
        f"<meta property='og:title' content='{TITLE} | Nacional | El Faro'><title>{TITLE}</title>" + linked(NEWS),
    ],
)
def test_the_sites_name_is_cut_off_the_title(head: str) -> None:
    assert read(article(head)).title == TITLE


@pytest.mark.parametrize(
    "title",
    [
        "Bolivia en Viena: «La hoja no es la droga»",
        "Salud - un plan a medias",
        "Coca, café y cacao: tres cultivos, una sola tierra",
        "¿Legalizar? | Debate en el puerto",
    ],
)
def test_a_title_without_a_site_stays_whole(title: str) -> None:
    assert read(article(f"<title>{title}</title>")).title == title


def test_the_printed_heading_counts_where_nothing_else_is_declared() -> None:
    assert read(article(before=f"<h1>{TITLE}</h1>")).title == TITLE


def test_a_logo_is_no_headline() -> None:
    assert read(article(f"<title>{TITLE} | El Faro</title>", before="<h1>El Faro</h1>")).title == TITLE


def test_the_feeds_title_is_the_last_resort() -> None:
    assert read(article(), entry=Entry(URL, title=TITLE)).title == TITLE


def test_a_title_cut_short_is_completed_from_another() -> None:
    head = f'<meta property="og:title" content="{TITLE[:30]}…"><title>{TITLE}</title>'
    assert read(article(head)).title == TITLE


def test_what_is_printed_and_shared_alike_counts_against_a_headline_for_search_engines() -> None:
    head = linked(NEWS | {"headline": "Pasta base: doce centros 2026, dónde y cuándo"})
    shared = f"<meta property='og:title' content='{TITLE}'>"
    assert read(article(head + shared, before=f"<h1>{TITLE}</h1>")).title == TITLE
    assert read(article(head, before=f"<h1>{TITLE}</h1>")).title.startswith("Pasta base")


@pytest.mark.parametrize(
    ("shared", "again", "title"),
    [
        ("Health to open twelve centres", "Health to open twelve centres", "Health to open twelve centres"),
        # the machine cut it: it ends in the middle, or says so
        ("Health to open twelve centres for", "Health to open twelve centres for", "whole"),
        ("Health to open twelve…", "Health to open twelve…", "whole"),
        # for one network only
        ("Health to open twelve centres", "Twelve centres for coca paste users", "whole"),
        # another headline
        ("Twelve centres to open", "Twelve centres to open", "whole"),
    ],
)
def test_the_short_headline_that_is_handed_on_counts_unless_a_machine_cut_it(
    shared: str, again: str, title: str
) -> None:
    whole = "Health to open twelve centres for coca paste users on the coast"
    head = f"<meta property='og:title' content='{shared}'><meta name='twitter:title' content='{again}'>"
    found = read(article(head + f"<title>{whole}</title>", before=f"<h1>{whole}</h1>")).title
    assert found == (whole if title == "whole" else title)


@pytest.mark.parametrize(
    ("title", "before"),
    [
        ("El Faro -", f"<h2>{TITLE}</h2>"),
        ("El Faro", f"<h1></h1><h3>{TITLE}</h3>"),
        (f"El Faro --{TITLE}", f"<h3>El Faro</h3><h3>{TITLE}</h3>"),
        (f"{TITLE}| El Faro del Sur", f"<h2>{TITLE}</h2><h2>El Faro del Sur</h2>"),
    ],
)
def test_without_a_first_heading_a_lesser_one_has_the_headline(title: str, before: str) -> None:
    assert read(article(f"<title>{title}</title>", before=before)).title == TITLE


# --- authors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("markup", "names"),
    [
        ('<meta name="author" content="Inés Quiroga">', ("Inés Quiroga",)),
        ('<meta name="author" content="Por: Inés Quiroga y Tomás Ibarra Paz">', ("Inés Quiroga", "Tomás Ibarra Paz")),
        ('<meta name="author" content="Redacción">', ()),
        ('<meta name="author" content="El Faro">', ()),
        ('<meta property="article:author" content="https://social.example/ines">', ()),
        ('<meta name="author" content="INÉS QUIROGA, corresponsal en Caleta Honda">', ("Inés Quiroga",)),
        ('<meta name="author" content="Inés Quiroga | EFE">', ("Inés Quiroga", "EFE")),
        ('<meta name="author" content="Inés Quiroga, Iquitos">', ("Inés Quiroga",)),
        ('<meta name="author" content="ines@elfaro.example">', ()),
    ],
)
def test_authors_from_meta_are_names_alone(markup: str, names: tuple[str, ...]) -> None:
    assert read(article(f"<title>{TITLE} | El Faro</title>{markup}")).authors == names


@pytest.mark.parametrize(
    "markup",
    [
        '<a rel="author" href="/ines">Inés Quiroga</a>',
        '<div class="nota-firma">Por <b>Inés Quiroga</b></div>',
        '<span itemprop="author"><span itemprop="name">Inés Quiroga</span></span>',
        f"<h1>{TITLE}</h1><p>Escribe: Inés Quiroga</p>",
        f"<h1>{TITLE}</h1><p><small>Por</small> <b>Inés Quiroga</b></p>",
        f"<h1>{TITLE}</h1><p>14 de mayo de 2026. Por Inés Quiroga</p>",
    ],
)
def test_authors_are_found_in_the_markup(markup: str) -> None:
    assert read(article(before=markup)).authors == ("Inés Quiroga",)


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        # what they did, before and behind the name
        ("Análisis de Inés Quiroga", ("Inés Quiroga",)),
        ("An essay by Tom Ibarra", ("Tom Ibarra",)),
        ("Reportagem de Inês Queirós e Tomás Ibarra", ("Inês Queirós", "Tomás Ibarra")),
        ("Inés Quiroga, socióloga de la Universidad de Caleta Honda", ("Inés Quiroga",)),
        ("Tom Ibarra and Ada Quill for the Sunday Lighthouse", ("Tom Ibarra", "Ada Quill")),
        ("Staff writer Tom Ibarra", ("Tom Ibarra",)),
        ("Jornalista: Inês Queirós", ("Inês Queirós",)),
        ("Md Rafiq Alam", ("Md Rafiq Alam",)),
        ("Tom Ibarra, PhD; Ada Quill, MD", ("Tom Ibarra", "Ada Quill")),
        # who did something else
        ("Words by Ada Quill, photographs by Tom Ibarra", ("Ada Quill",)),
        ("Inés Quiroga | Fotos: Tomás Ibarra", ("Inés Quiroga",)),
        ("Inês Queirós; ilustração de Tomás Ibarra", ("Inês Queirós",)),
        # dates
        ("Inés Quiroga 14 de mayo de 2026", ("Inés Quiroga",)),
        ("Ada Quill May 14, 2026", ("Ada Quill",)),
        # agencies
        ("Ada Quill Associated Press", ("Ada Quill",)),
        ("Ada Quill, AP National Political Writer", ("Ada Quill",)),
        ("AFP/El Faro", ("AFP",)),
        ("Ada Quill, El Faro Negocios", ("Ada Quill",)),
        ("Deutsche Presse (www.presse.example)", ("Deutsche Presse",)),
        # nobody
        ("Letters to the editor", ()),
        ("Article by", ()),
        ("jdadmin", ()),
        ("Redacción El Faro", ()),
    ],
)
def test_a_byline_is_the_names_of_those_who_wrote(byline: str, names: tuple[str, ...]) -> None:
    assert read(article(f"<title>{TITLE} | El Faro</title><meta name='author' content='{byline}'>")).authors == names


@pytest.mark.parametrize(
    "markup",
    [
        f"<h1>{TITLE}</h1><p><a href='/autor/ines-quiroga'>Inés Quiroga</a></p>",
        "<div class='byline'>Inés Quiroga<br>jueves de mayo</div>",
        "<div class='author-box'><p>Inés Quiroga</p><p>Periodista y bióloga</p></div>",
        "<noscript><span class='byline-author'>Posted by Inés Quiroga</span></noscript>",
        "<meta name='twitter:label1' content='Escrito por'><meta name='twitter:data1' content='Inés Quiroga'>",
        "<span class='author'>Inés</span><span class='author'>Inés Quiroga</span>",
        "<meta property='og:article:author' content='Inés Quiroga'>",
    ],
)
def test_more_places_where_authors_are_printed(markup: str) -> None:
    assert read(article(before=markup)).authors == ("Inés Quiroga",)


@pytest.mark.parametrize(
    "box",
    [
        "<ol class='comments'><li><b class='comment-author'>Ada Quill</b> dice:</li></ol>",
        "<aside><span class='author'>Ada Quill</span></aside>",
        "<div class='related-posts'><span class='author'>Ada Quill</span></div>",
        "<form><label class='author'>Ada Quill</label></form>",
        "<footer><a href='/author/ada-quill'>Ada Quill</a></footer>",
        "<span class='byline'>The minister and his party</span>",
    ],
)
def test_people_beside_the_article_did_not_write_it(box: str) -> None:
    assert read(article(body="".join(f"<p>{one}</p>" for one in PARAGRAPHS) + box)).authors == ()


def test_an_agency_alone_behind_the_headline_signs() -> None:
    assert read(article(before=f"<h1>{TITLE}</h1><p class='credit'>EFE</p>")).authors == ("EFE",)


def test_the_pages_node_names_the_author_where_no_article_does() -> None:
    data = [
        {"@type": "WebPage", "url": URL, "author": {"@id": "#ines"}},
        {"@type": "Person", "@id": "#ines", "name": "Inés Quiroga"},
    ]
    assert read(article(linked({"@graph": data}))).authors == ("Inés Quiroga",)


def test_meta_adds_the_author_that_linked_data_left_out() -> None:
    head = linked(NEWS) + '<meta name="author" content="Inés Quiroga, Tomás Ibarra">'
    assert read(article(head)).authors == ("Inés Quiroga", "Tomás Ibarra")


# --- dates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "markup",
    [
        '<meta property="article:published_time" content="2026-05-14T10:30:00-05:00">',
        '<meta name="date" content="Thu, 14 May 2026 10:30:00 -0500">',
        '<meta itemprop="datePublished" content="2026-05-14 15:30:00 UTC">',
        '<meta name="dc.date" content="14/05/2026 10:30 -05:00">',
        '<time datetime="2026-05-14T15:30Z">ayer</time>',
        '<time class="x">hoy</time><time class="fecha-publicacion" datetime="2026-05-14T10:30-0500"></time>',
        "<p class='fecha'>Jueves 14 de mayo de 2026, 10:30 a. m. COT</p>",
        f"<h1>{TITLE}</h1><p>Publicado: 14 de mayo del 2026 | 15:30 UTC</p>",
    ],
)
def test_the_date_is_found_wherever_the_page_has_it(markup: str) -> None:
    assert read(article(before=markup), url="https://www.elfaro.example/nota/7").published_at == PUBLISHED


@pytest.mark.parametrize(
    "markup",
    [
        "<span itemprop='datePublished' content='2026-05-14T15:30:00Z'>ayer</span>",
        # a change is not the publication, wherever it stands
        "<time class='updated-date' datetime='2026-05-15T10:00Z'></time>"
        "<time class='date' datetime='2026-05-14T15:30Z'></time>",
        "<p class='fecha'>Actualizado: 15/05/2026 08:00 UTC</p><p class='fecha'>14/05/2026 15:30 UTC</p>",
        "<p class='data'>Publicado em 14/05/2026 às 15h30 UTC. Atualizado em 15/05/2026</p>",
        "<p class='date'>Written: 2026-05-14 15:30 UTC / Updated: 2026-05-15 08:00</p>",
    ],
)
def test_the_publication_is_told_from_the_change(markup: str) -> None:
    assert read(article(before=markup), url="https://www.elfaro.example/nota/7").published_at == PUBLISHED


@pytest.mark.parametrize(
    ("lang", "url", "day"),
    [
        ("es", "https://e.example/nota", (5, 4)),
        ("pt-BR", "https://e.example/nota", (5, 4)),
        ("en", "https://e.example/nota", (4, 5)),
        ("en-US", "https://www.lighthouse.co.uk/nota", (4, 5)),
        ("en-AU", "https://e.example/nota", (5, 4)),
        ("en", "https://www.lighthouse.co.uk/nota", (5, 4)),
        ("en", "https://www.lighthouse.jm/nota", (5, 4)),
    ],
)
def test_dates_in_figures_are_read_as_in_the_pages_country(lang: str, url: str, day: tuple[int, int]) -> None:
    number, month = day
    found = read(article("<meta name='date' content='05/04/2026'>", lang=lang), url=url).published_at
    assert found == datetime(2026, month, number, tzinfo=UTC)


@pytest.mark.parametrize(
    ("title", "day"),
    [
        ("El plan de Salud para los consumidores de pasta base en la costa", (5, 4)),
        ("O plano da Saúde para os usuários de pasta base não é novo", (5, 4)),
        ("The plan of the ministry for the users of coca paste on the coast", (4, 5)),
    ],
)
def test_the_title_tells_how_dates_are_read_where_no_language_is_declared(title: str, day: tuple[int, int]) -> None:
    head = f"<title>{title}</title><meta name='date' content='05/04/2026'>"
    found = read(article(head, lang=""), url="https://e.example/nota").published_at
    assert found == datetime(2026, day[1], day[0], tzinfo=UTC)


def test_a_change_stands_where_nothing_else_is_printed() -> None:
    markup = "<p class='date'>Updated May 14, 2026 3:30 pm UTC</p>"
    assert read(article(before=markup), url="https://www.elfaro.example/nota/7").published_at == PUBLISHED


def test_a_day_that_stands_alone_is_the_last_resort() -> None:
    markup = "<table><tr><td>May 14, 2026</td><td><a href='/x'>May 12, 2026</a></td></tr></table>"
    found = read(article(body=markup + "".join(f"<p>{one}</p>" for one in PARAGRAPHS)), url="https://e.example/nota")
    assert found.published_at == datetime(2026, 5, 14, tzinfo=UTC)


def test_the_change_is_read_from_its_own_element() -> None:
    markup = (
        "<time itemprop='datePublished' datetime='2026-05-14T15:30Z'></time>"
        "<time itemprop='dateModified' datetime='2026-05-14T19:00Z'></time>"
    )
    assert read(article(before=markup)).modified_at == datetime(2026, 5, 14, 19, tzinfo=UTC)


def test_impossible_dates_give_way_to_the_address() -> None:
    head = (
        '<meta property="article:published_time" content="1970-01-01T00:00:00Z"><meta name="date" content="2031-01-01">'
    )
    assert read(article(head)).published_at == datetime(2026, 5, 14, tzinfo=UTC)


def test_the_feeds_claim_stands_where_the_page_is_silent() -> None:
    entry = Entry(URL, claimed_at=PUBLISHED)
    assert read(article(), url="https://www.elfaro.example/nota/7", entry=entry).published_at == PUBLISHED


@pytest.mark.parametrize("printed", ["2026-05-14", "2026-05-14T10:30:00"])
def test_a_day_or_a_time_without_zone_is_made_exact_by_the_feed(printed: str) -> None:
    head = f'<meta property="article:published_time" content="{printed}">'
    assert read(article(head), entry=Entry(URL, claimed_at=PUBLISHED)).published_at == PUBLISHED


def test_the_pages_exact_time_stands_against_the_feeds() -> None:
    entry = Entry(URL, claimed_at=datetime(2026, 5, 14, 10, 30, tzinfo=UTC))
    assert read(article(linked(NEWS)), entry=entry).published_at == PUBLISHED


def test_a_change_is_dated_only_at_or_after_the_publication() -> None:
    assert read(article(linked(NEWS))).modified_at == datetime(2026, 5, 14, 23, tzinfo=UTC)
    assert read(article(linked(NEWS | {"dateModified": "2026-05-13T10:00:00Z"}))).modified_at is None
    assert read(article(linked(NEWS | {"dateModified": "2027-05-13T10:00:00Z"}))).modified_at is None


def test_nothing_is_dated_that_says_nothing() -> None:
    assert read(article(), url="https://www.elfaro.example/nota/7").published_at is None


def test_all_times_are_utc_and_none_lies_ahead() -> None:
    found = read(article(linked(NEWS)))
    assert found.published_at is not None
    assert found.published_at.utcoffset() == PUBLISHED.utcoffset()
    assert found.published_at <= FETCHED_AT


# --- addresses, names, language ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "canonical"),
    [
        ('<link rel="canonical" href="https://elfaro.example/n/7">', "https://elfaro.example/n/7"),
        ('<link rel="canonical" href="/n/7?a=1#top">', "https://www.elfaro.example/n/7?a=1"),
        ('<link rel="alternate canonical" href="//elfaro.example/n/7">', "https://elfaro.example/n/7"),
        ('<meta property="og:url" content="https://elfaro.example/n/7">', "https://elfaro.example/n/7"),
        ('<link rel="canonical" href="https://elfaro.example/">', URL),
        ('<link rel="canonical" href="/"><meta property="og:url" content="/n/7">', "https://www.elfaro.example/n/7"),
        ('<link rel="canonical" href="/nacional/">', URL),
        ('<link rel="canonical" href="/plan-de-cuencas/">', "https://www.elfaro.example/plan-de-cuencas/"),
        ('<link rel="canonical" href="javascript:void(0)">', URL),
        ('<link rel="canonical" href="http://[bad/">', URL),
        ('<link rel="canonical" href="ftp://elfaro.example/n/7">', URL),
        ('<link rel="canonical" href="two words">', URL),
        ("", URL),
    ],
)
def test_the_canonical_address_is_taken_only_where_it_can_be_one(head: str, canonical: str) -> None:
    found = read(article(head))
    assert (found.url, found.canonical_url) == (URL, canonical)


def test_a_homepage_is_the_canonical_address_of_itself_alone() -> None:
    home = '<link rel="canonical" href="/">'
    assert read(article(home), url="https://elfaro.example/?p=7").canonical_url == "https://elfaro.example/?p=7"
    assert read(article(home), url="https://elfaro.example").canonical_url == "https://elfaro.example/"


@pytest.mark.parametrize(
    "head",
    [
        linked(NEWS | {"articleSection": ["Nacional", "Salud"]}),
        '<meta property="article:section" content="Nacional">',
        '<meta name="section" content="noticias/Nacional">',
    ],
)
def test_the_section_is_what_the_page_names(head: str) -> None:
    assert read(article(head)).section == "Nacional"
    assert read(article()).section is None


def test_site_and_description_are_kept() -> None:
    head = '<meta property="og:site_name" content="El Faro"><meta name="description" content="  Doce\n centros ">'
    found = read(article(head))
    assert (found.site_name, found.description) == ("El Faro", "Doce centros")
    assert read(article(linked(NEWS))).site_name == "El Faro"
    assert read(article()).site_name is None


def test_the_text_decides_on_the_language_against_what_the_page_declares() -> None:
    assert read(article(lang="en")).lang == "es"


def test_the_declared_language_counts_where_the_text_says_too_little() -> None:
    assert read(article(body="<p>Alfa 1 2 3 4 5 6</p>", lang="pt-BR"), min_words=1).lang == "pt"
