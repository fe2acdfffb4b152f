"""What of a page becomes the article's text, and what never does."""

from __future__ import annotations

import pytest

from pipeline.errors import NotArticle, TooShort
from pipeline.extract import triage
from pipeline.types import Entry
from tests.extract.made import PARAGRAPHS, TITLE, URL, article, linked, page_of, read

STORY = "\n".join(PARAGRAPHS)
MENU = (
    '<nav><a href="/">El Faro</a> <a href="/nacional">Nacional</a> <a href="/narcotrafico">Narcotráfico</a></nav>'
    '<div id="cookies" role="dialog"><p>Usamos cookies propias y de terceros para mejorar tu experiencia.</p></div>'
)
RELATED = (
    '<div class="notas-relacionadas"><h3>Te puede interesar</h3><ul>'
    '<li><a href="/a">Decomisan tres toneladas de cocaína en un velero frente a la costa</a></li>'
    '<li><a href="/b">Piden legalizar la marihuana en la asamblea</a></li></ul></div>'
)
COMMENTS = (
    '<section id="comments" class="comments"><h3>Comentarios</h3>'
    "<p>Siempre dicen lo mismo y después no hacen nada, señores.</p></section>"
)
FOOTER = "<footer><p>© 2026 El Faro. Todos los derechos reservados.</p></footer>"


def paragraphs(*insets: str) -> str:
    """The story with an inset after each of its first paragraphs."""
    padded = (*insets, *("",) * len(PARAGRAPHS))
    return "".join(f"<p>{text}</p>{inset}" for text, inset in zip(PARAGRAPHS, padded, strict=False))


def test_the_furniture_of_the_page_stays_out() -> None:
    aside = '<aside class="lateral"><h4>Lo más leído</h4><p><a href="#">Cinco preguntas sobre la coca</a></p></aside>'
    body = paragraphs(
        '<p class="lee-tambien">Lea también: <a href="/c">Cae banda de narcos</a></p>', "<p>Publicidad</p>"
    )
    markup = (
        article(f"<title>{TITLE} | El Faro</title>", before=MENU, body=f"{body}{RELATED}{COMMENTS}") + aside + FOOTER
    )
    assert read(markup).text == STORY


@pytest.mark.parametrize(
    "inset",
    [
        "<p>Lea también: Capturan a cabecilla de banda en el norte</p>",
        "<p>LEE ADEMÁS | Capturan a cabecilla</p>",
        "<p><strong>Leia também:</strong> Operação prende sete no porto</p>",
        "<p>Read more: Seven held after raid on the docks</p>",
        "<p>Suscríbete a nuestro boletín y recibe las noticias cada mañana en tu correo.</p>",
        "<p>Siga o canal do jornal no WhatsApp</p>",
        "<p>Foto: Archivo El Faro</p>",
        "<p>ADVERTISEMENT</p>",
        "<p>* * *</p>",
        '<p><a href="/x">Decomisan tres toneladas de cocaína en un velero</a></p>',
        '<ul class="compartir"><li><a href="#">Facebook</a></li><li><a href="#">Copiar enlace</a></li></ul>',
        '<div class="publicidad"><small>Publicidad</small></div>',
        '<div class="nota-relacionada"><p>Hallan un laboratorio en la sierra, a dos horas del puerto.</p></div>',
        "<figure><img src='a.jpg'><figcaption>La ministra en el mercado. Foto: El Faro</figcaption></figure>",
    ],
)
def test_an_inset_within_the_text_stays_out(inset: str) -> None:
    assert read(article(body=paragraphs("", inset))).text == STORY


@pytest.mark.parametrize(
    "kept",
    [
        "Lea también es el lema de la campaña que la biblioteca del puerto lanzó hace dos años para que los jóvenes de "
        "la zona se acerquen a los libros, y que ahora el ministerio quiere copiar en las escuelas de los municipios.",
        "Los comentarios del alcalde molestaron a la ministra, que los calificó de injustos.",
        "Foto en mano, la madre de uno de los jóvenes recorrió los pabellones preguntando por él.",
        "Publicado el decreto, las regiones tendrán tres meses para cumplirlo.",
        'La cifra está en <a href="/informe">el informe que el ministerio publicó en abril</a> y nadie la discute.',
    ],
)
def test_a_paragraph_that_merely_begins_like_furniture_stays(kept: str) -> None:
    text = read(article(body=paragraphs("", f"<p>{kept}</p>"))).text
    assert kept.split("<")[0].strip() in text


def test_a_heading_over_other_stories_ends_the_text() -> None:
    tail = "<h3>Últimas noticias</h3><p>Gana la selección en el último minuto del partido.</p>"
    assert read(article(body=paragraphs("", "", "", tail))).text == STORY


def test_the_same_heading_early_in_the_text_does_not() -> None:
    heading = "<h3>Últimas noticias</h3>"
    assert read(article(body=paragraphs(heading))).text.endswith(PARAGRAPHS[-1])


def test_headline_kicker_byline_and_date_line_are_not_text() -> None:
    head = f'<title>{TITLE}</title><meta name="author" content="Inés Quiroga">'
    top = f"<p>SALUD</p><h1>{TITLE}</h1><p>Inés Quiroga, enviada a Caleta Honda</p><p>14 de mayo de 2026, 10:30</p>"
    assert read(article(head, body=top + paragraphs())).text == STORY


def test_a_body_in_several_containers_is_read_to_its_end() -> None:
    chunk = '<div class="grid"><div class="nota__texto">{}</div></div><div class="ad">Publicidad</div>'
    halves = ("".join(f"<p>{text}</p>" for text in PARAGRAPHS[at : at + 2]) for at in (0, 2))
    markup = f"<html><body><h1>{TITLE}</h1>{''.join(chunk.format(half) for half in halves)}</body></html>"
    assert read(markup).text == STORY


def test_a_page_laid_out_in_tables_is_read() -> None:
    menu = '<td><a href="/">Portada</a><br><a href="/p">Policiales</a><br><b>Encuesta</b> ¿Está de acuerdo?</td>'
    story = "".join(f"<P>{text}</P>" for text in PARAGRAPHS)
    others = '<td><b>También en esta edición</b><br><a href="/z">Detienen a siete en el puerto viejo</a></td>'
    markup = f'<TABLE><TR>{menu}<TD><H1>{TITLE}</H1><DIV CLASS="cuerpo">{story}</DIV></TD>{others}</TR></TABLE>'
    assert read(f"<HTML><HEAD><TITLE>{TITLE}</TITLE></HEAD><BODY>{markup}</BODY></HTML>").text == STORY


def test_lists_and_line_breaks_become_lines_without_bullets() -> None:
    body = paragraphs("<ul><li>Doce centros de día</li><li>Cuarenta promotores</li></ul><p>Uno<br>Dos</p>")
    lines = read(article(body=body)).text.split("\n")
    assert lines[1:5] == ["Doce centros de día", "Cuarenta promotores", "Uno", "Dos"]


def test_text_is_composed_and_its_spaces_are_single() -> None:
    odd = "El programa de reducción de daños, con café y pan, reúne\u00a0a  cien\u200b personas cada noche."
    text = read(article(body=paragraphs(f"<p>{odd}</p>"))).text
    assert "reducción de daños, con café y pan, reúne a cien personas" in text


def test_the_feeds_text_stands_in_for_a_teaser() -> None:
    full = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    teaser = article(body=f"<p>{PARAGRAPHS[0]}</p><p>Hazte socio para seguir leyendo</p>")
    assert read(teaser, entry=Entry(URL, content=full)).text == STORY


def test_the_feeds_text_does_not_stand_in_for_a_whole_article() -> None:
    entry = Entry(URL, content=f"<p>{PARAGRAPHS[0]}</p><p>Sigue leyendo en nuestra web.</p>")
    assert read(article(), entry=entry).text == STORY


def test_a_page_that_only_scripts_fill_is_read_from_its_linked_data() -> None:
    data = {"@type": "NewsArticle", "url": URL, "headline": TITLE, "articleBody": "\n".join(PARAGRAPHS)}
    assert read(f"<html><head>{linked(data)}</head><body><div id='app'></div></body></html>").text == STORY


def test_linked_data_of_another_article_does_not_stand_in() -> None:
    other = {"@type": "NewsArticle", "url": "https://www.elfaro.example/otra", "articleBody": "Otra nota. " * 40}
    with pytest.raises(NotArticle):
        read(f"<html><head>{linked(other)}</head><body><div id='app'></div></body></html>")


def test_a_long_text_is_cut_at_a_paragraph() -> None:
    text = read(article(body=paragraphs() * 20), max_chars=3000).text
    assert 2700 <= len(text) <= 3000
    assert text.endswith(PARAGRAPHS)


def test_an_index_page_is_no_article() -> None:
    links = "".join(f'<li><h3><a href="/n{at}">Titular número {at} sobre el puerto</a></h3></li>' for at in range(20))
    foot = "<p>Todas las notas de la sección, a toda hora</p>"
    with pytest.raises(NotArticle, match="links"):
        read(f"<html><body><h1>Nacional</h1><ul>{links}</ul>{foot}</body></html>")


def test_a_short_article_says_how_short() -> None:
    body = "<p>El puerto de Caleta Honda amaneció hoy cerrado.</p><p>Sigue.</p>"
    with pytest.raises(TooShort, match="expected at least 30 words, got 9"):
        read(article(body=body), min_words=30)


@pytest.mark.parametrize(
    ("body", "content_type", "got"),
    [
        (b"%PDF-1.7 ...", "text/html", "%PDF"),
        (b"{}", "application/json", "application/json"),
        (b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>', "text/xml", "feed"),
        (b"nothing to see here", "text/html", "without a tag"),
        (b"", "text/html", "without a tag"),
        (b"<html><body></body></html>", "text/html", "got none"),
    ],
)
def test_what_is_no_article_is_refused_with_the_reason(body: bytes, content_type: str, got: str) -> None:
    with pytest.raises(NotArticle, match=got):
        read(body, content_type=content_type)


def test_triage_sees_headlines_and_text() -> None:
    head = '<title>Salud &amp; coca</title><meta content="Plan para la costa" property="og:title">'
    seen = triage(page_of(article(head, before=f"{MENU}<h1>Doce <b>centros</b></h1>")))
    for phrase in ("Salud & coca", "Plan para la costa", "Doce centros", PARAGRAPHS[1]):
        assert phrase in seen


def test_triage_refuses_what_is_no_html() -> None:
    with pytest.raises(NotArticle):
        triage(page_of(b"\x89PNG\r\n", content_type="image/png"))
