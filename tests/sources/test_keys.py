"""Identity: what makes two entries one, and two addresses one page."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import process_time
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError
from pipeline.sources import UrlKeys, choose_rung, entry_key
from pipeline.types import Entry
from tests.fakes import NOW

CONFIG = Path(__file__).resolve().parents[2] / "config"
KEYS = UrlKeys.load(CONFIG)
NOTA = "https://diario.example/2012/06/nota-de-hoy?id=59"

# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        "http://diario.example/2012/06/nota-de-hoy?id=59",
        "HTTPS://DIARIO.example/2012/06/nota-de-hoy?id=59",
        "https://www.diario.example/2012/06/nota-de-hoy?id=59",
        "https://m.diario.example/2012/06/nota-de-hoy?id=59",
        "https://www.m.diario.example/2012/06/nota-de-hoy?id=59",
        "https://diario.example:443/2012/06/nota-de-hoy?id=59",
        "https://diario.example./2012/06/nota-de-hoy?id=59",
        "https://diario.example/2012/06/nota-de-hoy/?id=59",
        "https://diario.example//2012/06//nota-de-hoy?id=59",
        "https://diario.example/2012/06/nota-de-hoy?id=59#comentarios",
        "https://diario.example/2012/06/nota%2Dde%2Dhoy?id=59",
        "https://diario.example/amp/2012/06/nota-de-hoy?id=59",
        "https://diario.example/2012/06/nota-de-hoy/amp/?id=59",
        "https://diario.example/2012/06/nota-de-hoy/amp.html?id=59",
        "https://amp.diario.example/2012/06/nota-de-hoy?id=59",
        "https://diario.example/2012/06/nota-de-hoy.amp?id=59",
        "https://diario.example/2012/06/nota-de-hoy?id=59&amp=1",
        "https://diario.example/2012/06/nota-de-hoy?id=59&outputType=amp",
        "https://diario.example/2012/06/nota-de-hoy/index.html?id=59",
        "https://diario.example/2012/06/nota-de-hoy?utm_source=rss&id=59&utm_medium=x",
        "https://diario.example/2012/06/nota-de-hoy?UTM_Source=rss&id=59",
        "https://diario.example/2012/06/nota-de-hoy?at_medium=rss&id=59",
        "https://diario.example/2012/06/nota-de-hoy?id=59&fbclid=a&gclid=b&traffic_source=rss",
        "https://touch.diario.example/2012/06/nota-de-hoy?id=59&m=1",
        "https://diario.example:80/2012/06/nota-de-hoy?id=59",
        "https://diario.example/2012/./06/x/../nota-de-hoy?id=59",
        "https://diario.example/2012/x/%2E%2e/06/nota-de-hoy?id=59",
        "https://diario.example/../2012/06/nota-de-hoy?id=59",
        "https://diario.example/%32012/06/nota-de%2dhoy?id=59",
        "https://diario.example/2012/06/nota-de-hoy;jsessionid=0A1B2C?id=59",
        "https://diario.example/2012/06/nota-de-hoy?id=59&PHPSESSID=0a1b2c",
        "https://diario.example/2012/06/nota-de-hoy/index.php?id=59",
        "https://www.google.com/amp/s/diario.example/2012/06/nota-de-hoy/amp/?id=59",
        "https://www.google.com.pe/amp/s/www.diario.example/2012/06/nota-de-hoy?id=59&usqp=mq331AQ",
        "https://www-diario-example.cdn.ampproject.org/c/s/www.diario.example/2012/06/nota-de-hoy?id=59&amp_js_v=0.1",
        "https://cdn.ampproject.org/v/s/amp.diario.example/2012/06/nota-de-hoy.amp?id=59",
        "//diario.example/2012/06/nota-de-hoy?id=59",
        "  https://diario.example/2012/06/nota-de-hoy?id=59\n",
    ],
)
def test_another_way_to_the_same_page_has_the_same_key(other: str) -> None:
    assert KEYS.key(other) == KEYS.key(NOTA) == "diario.example/2012/06/nota-de-hoy?id=59"


@pytest.mark.parametrize(
    "other",
    [
        "https://diario.example/2012/06/nota-de-hoy",
        "https://diario.example/2012/06/nota-de-hoy?id=60",
        "https://diario.example/2012/06/nota-de-hoy?id=59&pagina=2",
        "https://diario.example/2012/06/Nota-de-hoy?id=59",
        "https://diario.example/2012/07/nota-de-hoy?id=59",
        "https://blogs.diario.example/2012/06/nota-de-hoy?id=59",
        "https://gaceta.example/2012/06/nota-de-hoy?id=59",
        "https://diario.example/2012/06/nota-de-hoy;pagina=2?id=59",
        "https://diario.example/2012/06/nota-de-hoy?id=59&m=2",
        "https://diario.example/2012/06/.../nota-de-hoy.?id=59",
        "https://diario.example/2012/06/nota-de-hoy%3Fid=59",
        "https://diario.example/2012/06%2Fnota-de-hoy?id=59",
    ],
)
def test_another_page_has_another_key(other: str) -> None:
    assert KEYS.key(other) != KEYS.key(NOTA)


def test_the_twin_of_an_html_page_is_found() -> None:
    assert KEYS.key("https://diario.example/nota.amp.html") == KEYS.key("https://diario.example/nota.html")


def test_the_order_of_a_query_says_nothing() -> None:
    assert KEYS.key("http://h.example/n?b=2&a=1&a=0") == KEYS.key("http://h.example/n?a=0&b=2&a=1")


def test_a_bare_query_names_the_page() -> None:
    assert KEYS.key("http://h.example/nota.aspx?59") != KEYS.key("http://h.example/nota.aspx?60")


def different(*urls: str) -> bool:
    return len({KEYS.key(url) for url in urls}) == len(urls)


@pytest.mark.parametrize("name", ["ref", "source", "share", "partner", "print", "icid", "feed", "output", "mc_id"])
def test_a_parameter_that_may_tell_a_readers_way_names_the_page_where_it_is_a_number(name: str) -> None:
    assert different(*(f"https://diario.example/noticia.php?{name}={number}" for number in range(1000, 1020)))
    assert KEYS.key(f"{NOTA}&{name}=rss") == KEYS.key(NOTA) or name == "mc_id"


@pytest.mark.parametrize("said", ["print=1", "rss=1", "feed=1", "share=1", "mc_cid=5f0c1", "mc_eid=12"])
def test_some_numbers_say_nothing(said: str) -> None:
    assert KEYS.key(f"{NOTA}&{said}") == KEYS.key(NOTA)


@pytest.mark.parametrize("route", ["#!/nota/", "#/nota/", "#!"])
def test_a_fragment_that_is_a_route_names_the_page(route: str) -> None:
    assert different("https://diario.example/", *(f"https://diario.example/{route}{number}" for number in range(20)))
    assert KEYS.key(f"https://www.diario.example/{route}7/") == f"diario.example{route}7"


@pytest.mark.parametrize("fragment", ["#", "#top", "#!", "#/", "#!/", "#comentarios/7"])
def test_other_fragments_are_places_on_a_page(fragment: str) -> None:
    assert KEYS.key(NOTA + fragment) == KEYS.key(NOTA)


def test_a_label_before_a_countrys_suffix_is_a_name() -> None:
    assert different("https://m.com.pe/nota", "https://www.com.pe/nota", "https://amp.com.pe/nota")
    assert KEYS.key("https://www.gob.pe/nota") == KEYS.key("https://gob.pe/nota")
    assert KEYS.key("https://m.diario.com.pe/nota") == KEYS.key("https://www.diario.com.pe/nota")


# --- addresses of feeds -----------------------------------------------------------------------------------------------

RSS = "https://diario.example/rss?source=politica"


@pytest.mark.parametrize(
    "other",
    [
        "https://diario.example/rss?source=salud",
        "https://diario.example/rss",
        "https://diario.example/amp/rss?source=politica",
        "https://m.diario.example/rss?source=politica",
        "https://diario.example:8001/rss?source=politica",
        "https://diario.example/rss/index.php?source=politica",
        "https://diario.example/rss?source=politica&utm_source=x",
    ],
)
def test_two_feeds_of_one_host_stay_two(other: str) -> None:
    assert KEYS.feed_key(other) != KEYS.feed_key(RSS)


@pytest.mark.parametrize(
    "other",
    [
        "http://www.Diario.example:80/rss/?source=politica",
        "https://diario.example.:443//rss?source=politica#top",
        "diario.example/r%73s?source=politica",
    ],
)
def test_one_feed_in_other_letters_is_one(other: str) -> None:
    assert KEYS.feed_key(other) == KEYS.feed_key(RSS) == "diario.example/rss?source=politica"


def test_feeds_on_other_ports_are_others() -> None:
    bridges = {KEYS.feed_key(f"http://nas.local:{port}/?feed={kind}") for port in (8001, 8002) for kind in "ab"}
    assert len(bridges) == 4


def test_bytes_that_are_no_utf_8_still_tell_pages_apart() -> None:
    """Older sites write their addresses in Latin-1."""
    for template in ("http://h.example/{}", "http://h.example/n?tag={}"):
        assert KEYS.key(template.format("Per%FA")) != KEYS.key(template.format("Per%F3"))
        assert KEYS.key(template.format("Perú")) == KEYS.key(template.format("Per%C3%BA"))


def test_what_stands_for_a_folder_may_stand_there_twice() -> None:
    assert KEYS.key("http://h.example/a/index.php/index.html") == "h.example/a"


def test_a_host_is_the_same_in_letters_and_in_the_code_of_the_dns() -> None:
    names = ("diário.example", "DIÁRIO.example", "xn--dirio-yqa.example", "XN--DIRIO-YQA.example")
    assert {KEYS.key(f"https://www.{name}/nota") for name in names} == {"xn--dirio-yqa.example/nota"}


def test_a_page_may_be_wrapped_more_often_than_anybody_would() -> None:
    wrapped = "www.google.com/amp/s/x.cdn.ampproject.org/c/s/" * 9_000
    assert KEYS.key(f"https://{wrapped}diario.example/nota") == "diario.example/nota"


@pytest.mark.parametrize(
    "url",
    [
        "http://" + "www." * 100_000 + "h.example/",
        "http://h.example/nota" + ".amp" * 100_000,
        "http://h.example/nota" + ".amp" * 100_000 + ".html",
        "http://h.example/nota" + "/.." * 100_000,
        "http://h.example/nota" + "/index.html" * 40_000,
        "http://h.example/nota?" + "&a" * 50_000,
        "http://h.example/nota" + ";a=b" * 100_000,
        "http://" + "a-" * 200_000 + ".cdn.ampproject.org/c/s/h.example",
        "http://h.example" + ":8" * 200_000,
    ],
    ids=["labels", "endings", "twins", "up", "index", "query", "parameters", "wrapper", "ports"],
)
def test_long_addresses_take_no_time(url: str) -> None:
    started = process_time()
    key = KEYS.key(url)
    assert KEYS.key(key) == key
    assert process_time() - started < 3


def test_empty_labels_and_ports_upon_ports_are_no_part_of_a_host() -> None:
    assert KEYS.key("http://diário....example:80:8080.:/nota") == "xn--dirio-yqa.example/nota"
    assert KEYS.key("http://h.example" + ":47006" * 50_000 + "x") == "h.example" + ":47006" * 50_000 + "x"


def test_what_only_looks_wrapped_is_a_page() -> None:
    assert KEYS.key("https://bing-amp.com/c/s?q=a.b") == "bing-amp.com/c/s?q=a.b"
    assert KEYS.key("https://www.google.com/amp/s/nota") == "google.com/s/nota"
    assert (
        KEYS.key("https://diario.example/c/s/www.gaceta.example/nota") == "diario.example/c/s/www.gaceta.example/nota"
    )


def test_a_host_of_two_labels_stays_whole() -> None:
    assert KEYS.key("http://m.example/nota") == "m.example/nota"


def test_ports_and_passwords_are_no_part_of_a_page() -> None:
    assert KEYS.key("http://u:p@[2606:4700::1111]:8080/nota") == "[2606:4700::1111]/nota"


WRAPPED = st.lists(
    st.sampled_from(["google.com", "x.cdn.ampproject.org", "amp", "%61mp", "c", "s", "v", "h.example", "..", "a.b", ""])
).map("/".join)
ODD = st.text(alphabet=st.sampled_from('ab/:!?#&=%@[].;+ ~|\\"<\t\u00a0\u2028ñ\ud800' + "0F5w"), max_size=40)


@given(st.one_of(st.text(max_size=60), ODD, ODD.map("http://www.".__add__), WRAPPED))
def test_the_key_of_a_key_is_itself_whatever_was_written(url: str) -> None:
    for naming in (KEYS.key, KEYS.feed_key):
        key = naming(url)
        assert naming(key) == key
        key.encode("utf-8")


PARTS = st.text(alphabet="abcdefgñ0159-_.", min_size=1, max_size=8).filter(lambda part: part.strip("."))
#: ways of writing an address that lead to the same page
DRESSES: list[Callable[[str], str]] = [
    lambda url: url.replace("https://", "http://"),
    lambda url: url.replace("diario.example", "www.diario.example"),
    lambda url: url.replace("diario.example", "m.diario.example"),
    lambda url: url.replace("diario.example", "DIARIO.EXAMPLE:443"),
    lambda url: url.replace("diario.example/", "diario.example//amp/"),
    lambda url: url.replace("diario.example/", "diario.example/./x/../"),
    lambda url: re.sub("(?<=diario[.]example/)[^?#]*", lambda path: path[0].replace("a", "%61"), url),
    lambda url: f"{url}&utm_source=rss" if "?" in url else f"{url}?utm_source=rss",
    lambda url: f"{url}&amp=1" if "?" in url else f"{url}/?amp=1",
    lambda url: f"{url}#top",
    lambda url: f"https://www.google.com/amp/s/{url.partition('://')[2]}",
    lambda url: f"https://diario-example.cdn.ampproject.org/c/s/{url.partition('://')[2]}",
]
QUERIES = st.dictionaries(st.sampled_from(["id", "p", "page", "nota"]), PARTS, max_size=3)
TRACKING = st.dictionaries(
    st.sampled_from(["utm_source", "UTM_campaign", "fbclid", "at_medium", "ref"]), PARTS, max_size=3
).filter(lambda tracking: not tracking.get("ref", "").isdecimal())


@given(
    st.lists(PARTS, max_size=4), QUERIES, TRACKING, st.sampled_from(["http://", "https://"]),
    st.sampled_from(["", "www.", "m."]), st.booleans(), st.sampled_from(["", "#top"]), st.randoms(),
)  # fmt: skip
def test_dress_never_matters(
    path: list[str], query: dict[str, str], tracking: dict[str, str], scheme: str, host: str, slash: bool,
    fragment: str, shuffle: object,
) -> None:  # fmt: skip
    plain = "https://diario.example/" + "/".join(path) + (f"?{urlencode(query)}" if query else "")
    pairs = list({**query, **tracking}.items())
    shuffle.shuffle(pairs)  # type: ignore[attr-defined]
    dressed = f"{scheme}{host}diario.example/{'/'.join(path)}{'/' if slash else ''}"
    dressed += (f"?{urlencode(pairs)}" if pairs else "") + fragment
    assert KEYS.key(dressed) == KEYS.key(plain)


@given(st.lists(PARTS, max_size=4), QUERIES, st.lists(st.sampled_from(DRESSES), max_size=5))
def test_one_dress_over_another_never_matters(path: list[str], query: dict[str, str], worn: list[Any]) -> None:
    plain = "https://diario.example/" + "/".join(path) + (f"?{urlencode(query)}" if query else "")
    dressed = plain
    for dress in worn:
        dressed = dress(dressed)
    assert KEYS.key(dressed) == KEYS.key(plain)


@given(QUERIES, QUERIES)
def test_meaningful_queries_tell_pages_apart(one: dict[str, str], other: dict[str, str]) -> None:
    keys = {KEYS.key(f"http://h.example/n?{urlencode(query)}") for query in (one, other)}
    assert len(keys) == (1 if one == other else 2)


def test_rules_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    (tmp_path / "urls.toml").write_text('tracking = "utm"\n', "utf-8")
    with pytest.raises(ConfigError, match=r"urls\.toml: tracking: expected `array`, got 'utm'"):
        UrlKeys.load(tmp_path)


def test_a_route_that_is_any_fragment_is_refused(tmp_path: Path) -> None:
    shipped = (CONFIG / "urls.toml").read_text("utf-8")
    (tmp_path / "urls.toml").write_text(shipped.replace('routes = ["!"', 'routes = [""'), "utf-8")
    with pytest.raises(ConfigError, match=r"routes: expected the beginning of a fragment, got ''"):
        UrlKeys.load(tmp_path)


@pytest.mark.parametrize("wrapper", ["google.com", "google.com/amp", "https://google.com/", "Google.com/amp/", "/amp/"])
def test_a_wrapper_that_wraps_nothing_is_refused(tmp_path: Path, wrapper: str) -> None:
    shipped = (CONFIG / "urls.toml").read_text("utf-8")
    (tmp_path / "urls.toml").write_text(shipped.replace("wrappers = [", f'wrappers = [ "{wrapper}",'), "utf-8")
    with pytest.raises(ConfigError, match=r"wrappers: expected a host and a path that ends in /"):
        UrlKeys.load(tmp_path)


@pytest.mark.parametrize(("ending", "other"), [(".htm", ".htm"), (".htm", ".html"), (".AMP", ""), ("", "")])
def test_an_ending_that_stands_for_no_end_of_itself_is_refused(tmp_path: Path, ending: str, other: str) -> None:
    shipped = (CONFIG / "urls.toml").read_text("utf-8")
    (tmp_path / "urls.toml").write_text(shipped + f'"{ending}" = "{other}"\n', "utf-8")
    with pytest.raises(
        ConfigError, match=rf"endings\.{ending}: expected a shorter end of it, in lower case, got '{other}'"
    ):
        UrlKeys.load(tmp_path)


# --- entries ----------------------------------------------------------------------------------------------------------

ENTRY = Entry(NOTA, "Nota de hoy", "urn:59", claimed_at=NOW)
CHANGES = {
    "guid": replace(ENTRY, guid="urn:60"),
    "url": replace(ENTRY, url="https://diario.example/otra"),
    "title": replace(ENTRY, title="Otro título"),
    "date": replace(ENTRY, claimed_at=NOW + timedelta(hours=1)),
    "summary": replace(ENTRY, summary="Otro resumen"),
}


@pytest.mark.parametrize(
    ("rung", "told_by"),
    [(0, {"guid"}), (1, {"guid", "url"}), (2, {"url", "title", "date"}), (7, {"url", "title", "date"})],
)
def test_each_rung_tells_entries_apart_by_its_own_fields(rung: int, told_by: set[str]) -> None:
    key = entry_key(ENTRY, rung)
    assert {name for name, changed in CHANGES.items() if entry_key(changed, rung) != key} == told_by


@pytest.mark.parametrize("guid", [None, ""])
def test_an_entry_without_an_id_is_named_by_its_content(guid: str | None) -> None:
    bare = replace(ENTRY, guid=guid)
    assert {entry_key(bare, rung) for rung in range(3)} == {entry_key(ENTRY, 2)}


def test_keys_are_stable_across_versions() -> None:
    """They stand in databases: a change here makes every entry new."""
    assert [entry_key(ENTRY, rung) for rung in range(3)] == [
        "24835b0ee564f9d1ecf9dc7df6d31daa573f19fe",
        "eae0261957e9363a7ab556c426a227d056ba5eca",
        "45690d40c6245efd0d3bceb974fef79fe7c07fb9",
    ]


@given(st.builds(Entry, url=st.text(), title=st.text(), guid=st.none() | st.text()), st.integers(0, 3))
def test_any_entry_has_a_key(entry: Entry, rung: int) -> None:
    key = entry_key(entry, rung)
    assert len(key) == 40
    assert key == entry_key(replace(entry), rung)


# --- the ladder -------------------------------------------------------------------------------------------------------


def entries(number: int, guid: Callable[[int], str | None]) -> list[Entry]:
    return [Entry(f"http://h.example/{n}", f"Title {n}", guid(n)) for n in range(number)]


@pytest.mark.parametrize(
    ("guid", "rung"),
    [
        (lambda n: f"urn:{n}", 0),
        (lambda n: None, 2),
        (lambda n: "", 2),
        (lambda n: "urn:same", 1),
        (lambda n: f"urn:{n // 2}", 1),
        (lambda n: f"urn:{max(n, 1)}", 0),
        (lambda n: f"urn:{max(n, 6)}", 1),
        (lambda n: f"urn:{n}" if n >= 5 else None, 0),
        (lambda n: f"urn:{n}" if n >= 6 else None, 2),
    ],
    ids=["good", "none", "empty", "all one", "pairs", "1 % repeated", "6 % repeated", "5 % missing", "6 % missing"],
)
def test_a_feed_whose_ids_are_of_no_use_degrades(guid: Callable[[int], str | None], rung: int) -> None:
    assert choose_rung(entries(100, guid), 0) == rung


def test_ids_and_addresses_that_repeat_leave_the_content() -> None:
    live = [Entry("http://h.example/envivo", f"Minute {n}", "urn:live") for n in range(10)]
    assert choose_rung(live, 0) == 2


def test_the_same_entry_twice_is_no_reason() -> None:
    assert choose_rung(entries(10, lambda n: f"urn:{n}") * 3, 0) == 0


@pytest.mark.parametrize("rung", [0, 1, 2])
def test_nothing_to_judge_changes_nothing(rung: int) -> None:
    assert choose_rung([], rung) == rung


@given(
    st.lists(
        st.builds(Entry, st.sampled_from(["a", "b"]), st.sampled_from(["x", "y"]), st.sampled_from(["1", "2", ""]))
    ),
    st.integers(0, 2),
)
def test_a_feed_never_climbs_down_again(found: list[Entry], rung: int) -> None:
    chosen = choose_rung(found, rung)
    assert rung <= chosen <= 2
    assert choose_rung(found, chosen) == chosen
