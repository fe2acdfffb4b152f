"""What strangers wrote changes no page and runs nothing, whatever they wrote."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import update

from frontends.web.office import Office
from pipeline.storage.schema import items, sources, speakers, statements
from tests.web.accessibility import serious

SCRIPT = "<script>window.pwned = 1</script><img src=x onerror='window.pwned = 1'>\"'><svg onload=window.pwned=1>"
RIGHT_TO_LEFT = "\u202edrawkcab\u2066 {{ 7 * 7 }} ${7*7}"
ENDLESS = "w" * 10_000


@pytest.fixture
def hostile(office: Office) -> tuple[int, int]:
    """An item and a statement in it that hold all that is bad."""
    said = office.desk.statements("speaker:masias lang:es", 1)[0]
    item = said.reports[0].item_id
    with office.desk.store.write() as db:
        bad = f"{SCRIPT} {RIGHT_TO_LEFT} {ENDLESS}"
        values = {"title": bad, "text": f"{bad}\n{SCRIPT}", "url": "javascript:window.pwned=1", "authors": [bad]}
        db.execute(update(items).where(items.c.id == item).values(**values))
        db.execute(update(statements).where(statements.c.id == said.id).values(text=bad))
        db.execute(update(speakers).where(speakers.c.key == said.speaker.key).values(name=bad))
        db.execute(update(sources).where(sources.c.slug == said.reports[0].source).values(name=bad))
    return item, said.id


@pytest.fixture
def watched(browser: Browser, address: str) -> Iterator[Page]:
    """A page on a phone."""
    context = browser.new_context(base_url=address, viewport={"width": 390, "height": 800})
    opened = context.new_page()
    opened.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
    yield opened
    context.close()


PAGES = (
    "/?since=2012-06-26",
    "/search?limit=100",
    "/search?about=statement&limit=100",
    "/search?q={script}",
    "/search?q=%22{script}%22",
    "/timeline?q=%22{script}%22",
    "/facets?about=statement",
    "/items/{item}",
    "/statements/{statement}",
    "/search/explain?q={script}",
)


@pytest.mark.parametrize("path", PAGES)
def test_nothing_runs_and_nothing_runs_over(watched: Page, hostile: tuple[int, int], path: str) -> None:
    watched.goto(path.format(item=hostile[0], statement=hostile[1], script="%3Cscript%3Ewindow.pwned=1%3C/script%3E"))
    watched.wait_for_load_state("networkidle")
    assert watched.evaluate("window.pwned") is None
    assert watched.locator("a[href^='javascript' i]").count() == 0
    assert watched.locator("main script, main img, main [onerror], main [onload]").count() == 0
    width = watched.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0
    assert "49" not in watched.locator("h1").first.inner_text()


def test_an_address_that_is_none_of_the_web_is_no_link(watched: Page, hostile: tuple[int, int]) -> None:
    watched.goto(f"/items/{hostile[0]}")
    assert watched.locator(".item header a[target=_blank]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/?since=2012-06-26", "/search?q=marihuana", "/search?about=statement", "/search?q=(",
                                  "/searches", "/facets", "/timeline", "ITEM", "STATEMENT"])  # fmt: skip
def test_people_who_hear_the_page_or_see_it_badly_can_use_it(
    browser: Browser, address: str, office: Office, path: str, scheme: str
) -> None:
    said = max(office.desk.statements("", None), key=lambda one: len(one.reports))
    (item,) = (one for one in office.desk.search("marihuana", 1))
    where = {"ITEM": f"/items/{item.id}", "STATEMENT": f"/statements/{said.id}"}.get(path, path)
    context = browser.new_context(base_url=address, locale="en-GB", color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(where)
    page.wait_for_load_state("networkidle")
    for folded in page.locator("main summary").all():
        folded.click()
    assert serious(page) == []
    context.close()
