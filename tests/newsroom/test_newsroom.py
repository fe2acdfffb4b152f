"""The invented press: what `vigia demo`, the whole-flow tests and the benchmarks rely on."""

from __future__ import annotations

import gzip
import time
import tomllib
from collections.abc import Iterator
from email.utils import format_datetime
from html import unescape
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import httpx
import pytest
from lxml import etree, html

from samples.newsroom.faults import FAULTS
from samples.newsroom.generate import banks, pages, texts
from samples.newsroom.press import FOLDER, Outlet, PressError, Story, load_articles, load_outlets, load_press
from samples.newsroom.server import Newsroom
from samples.newsroom.site import HOURS

PRESS = load_press()
EXPECTED = tomllib.loads((FOLDER / "expected.toml").read_text("utf-8"))
SOURCES = tomllib.loads((FOLDER / "sources.toml").read_text("utf-8"))["source"]
TOPICS = {path.stem for path in (Path(__file__).parents[2] / "config" / "topics").glob("*.toml")}
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"


class Reader:
    """A plain client that finds every host of the newsroom at its one address."""

    def __init__(self, room: Newsroom) -> None:
        self.room = room
        # nothing here is encrypted, and reading the certificates takes longer than all the rest
        self.client = httpx.Client(timeout=5, verify=False, trust_env=False)

    def get(self, url: str, **headers: str) -> httpx.Response:
        return self.client.get(self._local(url), headers={"Host": urlsplit(url).hostname or "", **headers})

    def open(self, url: str) -> httpx.Response:
        request = self.client.build_request("GET", self._local(url), headers={"Host": urlsplit(url).hostname or ""})
        return self.client.send(request, stream=True)

    def _local(self, url: str) -> str:
        host, port = self.room.address
        parts = urlsplit(url)
        return f"http://{host}:{port}{parts.path}" + (f"?{parts.query}" if parts.query else "")


@pytest.fixture
def reader() -> Iterator[Reader]:
    with Newsroom() as room:
        reader = Reader(room)
        yield reader
        reader.client.close()
    assert room.errors == []


def feed_url(slug: str) -> str:
    outlet = PRESS.outlets[slug]
    return f"http://{outlet.host}{outlet.feed.path}"


def told(story: Story) -> list[str]:
    return [piece.removeprefix("## ") for piece in story.text]


# --- what is in it ----------------------------------------------------------------------------------------------------


def test_there_are_enough_outlets_articles_and_languages() -> None:
    whole = [story for story in load_articles() if len(" ".join(story.text).split()) >= 75]
    assert len(load_outlets()) >= 12
    assert len(whole) >= 75
    assert {PRESS.outlets[story.outlet].language for story in whole} == {"es", "en", "pt"}
    assert {"PE", "MX", "CO", "BO", "AR"} <= {outlet.country for outlet in load_outlets()}


@pytest.mark.parametrize("form", ["rss-full", "rss", "wordpress", "atom", "rdf", "news-sitemap", "sitemap-index"])
def test_every_form_of_feed_is_covered(form: str) -> None:
    assert any(outlet.feed.form == form for outlet in load_outlets())


def test_original_articles_have_a_body_of_a_usual_length() -> None:
    for story in load_articles():
        if not story.copy and story.text and story.fault != "teaser":
            assert 120 <= len(" ".join(story.text).split()) <= 450, story.id


def test_no_two_stories_share_an_address_or_a_text() -> None:
    addresses = [PRESS.url_of(story) for story in load_articles()]
    originals = [story.text for story in load_articles() if story.text and not story.copy]
    assert len(set(addresses)) == len(addresses)
    assert len(set(originals)) == len(originals)


def test_all_hosts_are_examples() -> None:
    with Newsroom() as room:
        assert len(room.hosts) >= len(load_outlets())
        assert all(host.endswith(".example") for host in room.hosts)


def test_everything_published_lies_before_its_edition() -> None:
    for story in load_articles():
        assert story.at < HOURS[story.edition], story.id
        assert story.edition == 1 or story.at >= HOURS[1], story.id
        if story.revised:
            assert HOURS[1] <= story.revised.at < HOURS[2], story.id


def test_the_catalogue_lists_each_outlet_and_its_feed() -> None:
    listed = {source["slug"]: source for source in SOURCES}
    assert listed.keys() == PRESS.outlets.keys()
    for slug, source in listed.items():
        outlet = PRESS.outlets[slug]
        assert (source["name"], source["country"], source["languages"]) == (
            outlet.name,
            outlet.country,
            [outlet.language],
        )
        assert [feed["url"] for feed in source["feeds"]] == [feed_url(slug)]


def test_every_way_to_misbehave_is_used_once() -> None:
    assert sorted(story.fault for story in load_articles() if story.fault) == sorted(FAULTS)


# --- what must come of it ---------------------------------------------------------------------------------------------


def test_every_story_has_an_expected_outcome_and_every_outcome_a_story() -> None:
    ids = [story["id"] for story in EXPECTED["story"]]
    assert sorted(ids) == sorted(PRESS.stories)
    for story in EXPECTED["story"]:
        assert ("first" in story) == (PRESS.stories[story["id"]].edition == 1), story["id"]


def test_expected_copies_are_those_the_articles_declare() -> None:
    declared = {story.id: story.copy.of for story in load_articles() if story.copy}
    assert declared == {story["id"]: story["folds_into"] for story in EXPECTED["story"] if "folds_into" in story}


def test_expected_topics_are_topics_and_all_of_them_occur() -> None:
    named = {topic for story in EXPECTED["story"] for topic in story.get("topics", ())}
    assert named <= TOPICS
    assert TOPICS - {"drug-policy"} <= named


def test_expected_statements_stand_in_the_stories() -> None:
    for statement in EXPECTED["statement"]:
        story = PRESS.stories[statement["story"]]
        where = story.title if statement.get("where") == "title" else "\n".join(story.text)
        assert all(words.casefold() in where.casefold() for words in statement["words"])
    for silence in EXPECTED["not_said"]:
        assert silence["words"] in "\n".join(PRESS.stories[silence["story"]].text)


def test_real_people_say_only_what_was_reported() -> None:
    """The two real names stand in the Lima stories and nowhere else."""
    for story in load_articles():
        whole = " ".join((story.title, story.summary, *story.text))
        if not story.id.startswith("lima-"):
            assert not any(name in whole for name in ("Humala", "Masías", "Masias", "Devida", "Soberón")), story.id


def test_copies_are_identical_retitled_trimmed_and_edited() -> None:
    kinds = set()
    for story in load_articles():
        if story.copy is None:
            continue
        original = PRESS.stories[story.copy.of]
        retitled = " retitled" if story.title != original.title else ""
        if story.text == original.text:
            kinds.add("identical" + retitled)
        elif story.text == original.text[: story.copy.paragraphs]:
            kinds.add("trimmed")
        else:
            assert story.copy.changes
            kinds.add("edited")
    assert kinds == {"identical", "identical retitled", "trimmed", "edited"}


# --- feeds ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "version", "full"),
    [
        ("litoral", "rss20", True),
        ("tribuna", "rss20", True),
        ("cordillera", "rss20", True),
        ("meridiano", "rss20", False),
        ("altiplano", "rss20", False),
        ("policydesk", "rss20", False),
        ("cablesur", "rss20", False),
        ("quieto", "rss20", False),
        ("recortes", "rss20", False),
        ("sabana", "atom10", False),
        ("tejo", "atom10", False),
        ("pampa", "rss10", False),
    ],
)
@pytest.mark.parametrize("edition", [1, 2])
def test_feeds_parse_as_what_they_are(reader: Reader, slug: str, version: str, full: bool, edition: int) -> None:
    reader.room.edition = edition
    answer = reader.get(feed_url(slug))
    parsed = feedparser.parse(BytesIO(answer.content), response_headers=dict(answer.headers))
    stories = PRESS.of(slug, edition)
    assert parsed.version == version
    # text/xml without a charset means us-ascii to the letter of the law (RFC 2376); pampa's server knows no better
    assert not parsed.bozo or isinstance(parsed.bozo_exception, feedparser.CharacterEncodingOverride)
    assert [entry.title.strip() for entry in parsed.entries] == [story.title for story in stories]
    assert [entry.link for entry in parsed.entries] == [PRESS.link_of(story) for story in stories]
    assert all("content" in entry for entry in parsed.entries) == full


def test_the_windows_1252_feed_is_that(reader: Reader) -> None:
    body = reader.get(feed_url("altiplano")).content
    assert b'encoding="windows-1252"' in body
    assert "«La hoja no es la droga»".encode("windows-1252") in body


def test_the_wordpress_feed_has_numbered_guids_and_excerpts(reader: Reader) -> None:
    parsed = feedparser.parse(BytesIO(reader.get(feed_url("cordillera")).content))
    assert all("/?p=" in entry.id for entry in parsed.entries)
    assert all("[…]" in unescape(entry.summary) for entry in parsed.entries)


@pytest.mark.parametrize(("slug", "language"), [("oriental", "spa"), ("narrows", "eng")])
def test_news_sitemaps_name_title_language_and_date(reader: Reader, slug: str, language: str) -> None:
    tree = etree.fromstring(reader.get(feed_url(slug)).content)
    titles = [(element.text or "").strip() for element in tree.iter(f"{NEWS}title")]
    assert titles == [story.title for story in PRESS.of(slug, 1)]
    assert {element.text for element in tree.iter(f"{NEWS}language")} == {language}
    assert all(element.text for element in tree.iter(f"{NEWS}publication_date"))


def test_the_sitemap_index_is_gzipped_without_saying_so(reader: Reader) -> None:
    answer = reader.get(feed_url("harbour"))
    assert answer.content.startswith(b"\x1f\x8b")
    assert "content-encoding" not in answer.headers
    children = [element.text for element in etree.fromstring(gzip.decompress(answer.content)).iter(f"{SITEMAP}loc")]
    found = [
        element.text
        for child in children
        for element in etree.fromstring(gzip.decompress(reader.get(str(child)).content)).iter(f"{SITEMAP}loc")
    ]
    assert {PRESS.url_of(story) for story in PRESS.of("harbour", 1)} <= set(found)
    assert any("/video/" in str(url) for url in found)


def test_some_dates_are_wrong_on_purpose(reader: Reader) -> None:
    parsed = feedparser.parse(BytesIO(reader.get(feed_url("cablesur")).content))
    years = [entry.published_parsed.tm_year if "published" in entry else None for entry in parsed.entries]
    assert {1970, 2013, None, 2012} == set(years)


# --- conditional requests, robots -------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", ["litoral", "sabana", "narrows", "harbour"])
def test_an_unchanged_feed_answers_304_and_a_changed_one_200(reader: Reader, slug: str) -> None:
    first = reader.get(feed_url(slug))
    by_tag = {"If-None-Match": first.headers["etag"]}
    by_date = {"If-Modified-Since": first.headers["last-modified"]}
    assert (reader.get(feed_url(slug), **by_tag).status_code, reader.get(feed_url(slug), **by_date).status_code) == (
        304,
        304,
    )
    assert reader.get(feed_url(slug), **{"If-None-Match": '"another"'}).status_code == 200
    reader.room.edition = 2
    assert (reader.get(feed_url(slug), **by_tag).status_code, reader.get(feed_url(slug), **by_date).status_code) == (
        200,
        200,
    )


def test_one_feed_answers_304_whatever_it_is_asked(reader: Reader) -> None:
    assert reader.get(feed_url("quieto")).status_code == 200
    assert reader.get(feed_url("quieto"), **{"If-None-Match": '"of another day"'}).status_code == 304
    long_ago = format_datetime(HOURS[1].replace(year=1999), usegmt=True)
    assert reader.get(feed_url("quieto"), **{"If-Modified-Since": long_ago}).status_code == 304


def test_every_host_has_a_robots_txt_and_one_closes_a_section(reader: Reader) -> None:
    for host in reader.room.hosts:
        answer = reader.get(f"http://{host}/robots.txt")
        assert answer.status_code == 200
        assert "User-agent" in answer.text
    closed = PRESS.url_of(PRESS.stories["litoral-reservado"])
    assert urlsplit(closed).path.startswith("/reservado/")
    assert "Disallow: /reservado/" in reader.get("http://diario-litoral.example/robots.txt").text


# --- pages ------------------------------------------------------------------------------------------------------------


def sound(edition: int) -> list[Story]:
    return [story for story in PRESS.edition(edition) if not story.fault]


@pytest.mark.parametrize("edition", [1, 2])
def test_every_page_is_served_whole_in_its_charset(reader: Reader, edition: int) -> None:
    reader.room.edition = edition
    for story in sound(edition):
        outlet = PRESS.outlets[story.outlet]
        answer = reader.get(PRESS.link_of(story))
        assert answer.status_code == 200, story.id
        tree = html.document_fromstring(answer.content, parser=html.HTMLParser(encoding=outlet.charset))
        shown = {" ".join(element.text_content().split()) for element in tree.iter("p", "h2", "h3", "h4")}
        assert set(told(story)) <= shown, story.id
        assert story.title in (tree.findtext(".//h1") or "")


def test_the_windows_1252_pages_say_so_in_the_page_alone(reader: Reader) -> None:
    answer = reader.get(PRESS.url_of(PRESS.stories["altiplano-acullico"]))
    assert answer.headers["content-type"] == "text/html"
    assert b"charset=windows-1252" in answer.content
    with pytest.raises(UnicodeDecodeError):
        answer.content.decode("utf-8")


def test_pages_carry_headlines_of_drugs_that_are_not_theirs(reader: Reader) -> None:
    """A careless extractor takes the coffee harvest for drug news."""
    page = reader.get(PRESS.url_of(PRESS.stories["sabana-cafe"])).text.casefold()
    assert "carteles" in page
    assert "carteles" not in "\n".join(PRESS.stories["sabana-cafe"].text).casefold()


def test_addresses_with_tracking_lead_to_the_page_and_other_queries_matter(reader: Reader) -> None:
    story = PRESS.stories["meridiano-casinos"]
    assert "utm_source" in PRESS.link_of(story)
    assert reader.get(PRESS.link_of(story)).content == reader.get(PRESS.url_of(story)).content
    assert reader.get("http://pampahoy.example/nota.php?id=1").status_code == 404


def test_pages_of_one_host_are_not_found_at_another(reader: Reader) -> None:
    path = PRESS.path_of(PRESS.stories["sabana-cafe"])
    assert reader.get(f"http://diario-litoral.example{path}").status_code == 404
    assert reader.get(f"http://unknown.example{path}").status_code == 404


def test_the_second_edition_adds_stories_and_corrects_some(reader: Reader) -> None:
    corrected = [story for story in load_articles() if story.revised and story.revised.changes]
    assert len(corrected) >= 3
    for story in corrected:
        reader.room.edition = 1
        before = reader.get(PRESS.url_of(story)).text
        reader.room.edition = 2
        after = reader.get(PRESS.url_of(story)).text
        assert story.revised is not None
        for old, new in story.revised.changes:
            assert old in before
            assert new in after
            assert old not in after
    late = PRESS.stories["lima-litoral"]
    reader.room.edition = 1
    assert reader.get(PRESS.url_of(late)).status_code == 404


def test_a_corrected_story_is_announced_with_a_later_date(reader: Reader) -> None:
    stamps = []
    for edition in (1, 2):
        reader.room.edition = edition
        parsed = feedparser.parse(BytesIO(reader.get(feed_url("sabana")).content))
        stamps += [entry.updated for entry in parsed.entries if "guardacostas" in entry.title]
    assert stamps[0] < stamps[1]


def test_pages_are_the_same_every_time() -> None:
    bodies = []
    for _ in range(2):
        with Newsroom(2) as room:
            reader = Reader(room)
            bodies.append([reader.get(PRESS.url_of(story)).content for story in sound(2)[:20]])
            reader.client.close()
    assert bodies[0] == bodies[1]


# --- misbehaving hosts ------------------------------------------------------------------------------------------------


def fault_url(fault: str) -> str:
    return next(PRESS.url_of(story) for story in load_articles() if story.fault == fault)


@pytest.mark.parametrize(
    ("fault", "status"), [("not-found", 404), ("gone", 410), ("server-error", 500), ("challenge", 403)]
)
def test_pages_that_answer_with_an_error(reader: Reader, fault: str, status: int) -> None:
    assert [reader.get(fault_url(fault)).status_code for _ in range(2)] == [status, status]


def test_the_crowded_host_asks_once_to_wait(reader: Reader) -> None:
    first, second = reader.get(fault_url("rate-limited")), reader.get(fault_url("rate-limited"))
    assert (first.status_code, first.headers["retry-after"], second.status_code) == (429, "1", 200)
    assert "reducción de daños" in second.text


def test_redirects_lead_where_nobody_should_go(reader: Reader) -> None:
    assert reader.get(fault_url("to-private")).headers["location"].startswith("http://10.0.0.8/")
    assert reader.get(fault_url("to-metadata")).headers["location"].startswith("http://169.254.169.254/")


def test_the_truncated_page_has_a_whole_frame_around_half_a_gzip(reader: Reader) -> None:
    answer = reader.open(fault_url("truncated-gzip"))
    cut = b"".join(answer.iter_raw())
    answer.close()
    assert answer.headers["content-encoding"] == "gzip"
    assert len(cut) == int(answer.headers["content-length"])
    with pytest.raises(EOFError):
        gzip.decompress(cut)


def test_the_endless_page_goes_on_past_any_cap(reader: Reader) -> None:
    answer = reader.open(fault_url("endless"))
    total = 0
    for piece in answer.iter_bytes():
        total += len(piece)
        if total > 12_000_000:
            break
    answer.close()
    assert "content-length" not in answer.headers
    assert total > 12_000_000


def test_the_slow_page_drips_and_does_not_hold_up_the_end() -> None:
    with Newsroom() as room:
        reader = Reader(room)
        answer = reader.open(fault_url("slow"))
        pieces = answer.iter_bytes()
        assert next(pieces).startswith(b"<!DOCTYPE html>")
        started = time.monotonic()
        room.stop()
        assert time.monotonic() - started < 2
        answer.close()
        reader.client.close()


def test_pages_that_are_no_articles(reader: Reader) -> None:
    assert len(html.document_fromstring(reader.get(fault_url("shell")).text).text_content().split()) < 40
    assert html.document_fromstring(reader.get(fault_url("index")).text).find(".//p") is None
    assert "suscriptores" in reader.get(fault_url("teaser")).text


def test_two_pages_lie_about_their_charset(reader: Reader) -> None:
    latin, utf = reader.get(fault_url("says-latin-1")), reader.get(fault_url("says-utf-8"))
    assert latin.headers["content-type"] == "text/html; charset=ISO-8859-1"
    assert "cañaverales" in latin.content.decode("utf-8")
    assert utf.headers["content-type"] == "text/html; charset=utf-8"
    assert "Tabasará" in utf.content.decode("windows-1252")


def test_feeds_that_moved_closed_or_are_none(reader: Reader) -> None:
    moved = reader.get(feed_url("mudanza"))
    assert moved.status_code == 301
    assert feedparser.parse(BytesIO(reader.get(moved.headers["location"]).content)).version == "rss20"
    assert reader.get(feed_url("despedida")).status_code == 410
    front = reader.get(feed_url("fachada"))
    assert (front.status_code, front.headers["content-type"]) == (200, "text/html; charset=utf-8")


# --- the server -------------------------------------------------------------------------------------------------------


def test_requests_are_logged_with_host_path_and_headers(reader: Reader) -> None:
    reader.get("http://lasabana.example/atom.xml", **{"User-Agent": "someone/1"})
    asked = reader.room.requests[-1]
    assert (asked.host, asked.path, asked.headers["user-agent"]) == ("lasabana.example", "/atom.xml", "someone/1")


def test_starting_twice_and_asking_for_a_third_edition_are_refused() -> None:
    with Newsroom() as room:
        with pytest.raises(RuntimeError, match="expected to be stopped"):
            room.start()
        with pytest.raises(ValueError, match="expected one of"):
            room.edition = 3
    room.stop()
    with pytest.raises(RuntimeError, match="expected to be running"):
        _ = room.address


def test_a_bad_article_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "outlets.toml").write_text((FOLDER / "outlets.toml").read_text("utf-8"), "utf-8")
    (tmp_path / "articles" / "odd.md").write_text(
        '+++\noutlet = "nobody"\ntitle = ""\nat = 2012-06-25T00:00:00Z\n+++\n'
    )
    monkeypatch.setattr("samples.newsroom.press.FOLDER", tmp_path)
    with pytest.raises(PressError, match=r"odd\.md: outlet: expected one of outlets\.toml, got 'nobody'"):
        load_press.__wrapped__()


# --- generated pages --------------------------------------------------------------------------------------------------


def test_generated_pages_are_distinct_and_the_same_for_one_seed() -> None:
    made = list(pages(60, 7))
    assert made == list(pages(60, 7))
    assert made[0] != next(pages(1, 8))
    assert len({url for url, _, _ in made}) == len({body for _, body, _ in made}) == 60
    assert {urlsplit(url).hostname for url, _, _ in made} <= {outlet.host for outlet in load_outlets()}


def test_generated_texts_have_some_400_words_in_three_languages_and_are_no_near_copies() -> None:
    made = list(texts(120, 3))
    lengths = [len(text.split()) for _, text, _ in made]
    assert 360 < sum(lengths) / len(lengths) < 460
    assert {language for _, _, language in made} == {"es", "en", "pt"}
    shingles = [
        {tuple(words[at : at + 3]) for at in range(len(words) - 2)} for _, text, _ in made for words in [text.split()]
    ]
    for at, mine in enumerate(shingles):
        assert all(len(mine & other) < 0.5 * len(mine | other) for other in shingles[:at])


def test_the_bank_has_enough_sentences() -> None:
    assert sum(len(bank.sentences) for bank in banks().values()) >= 150


def test_outlets_are_read_as_declared() -> None:
    assert isinstance(PRESS.outlets["altiplano"], Outlet)
    assert PRESS.outlets["altiplano"].charset == "windows-1252"
