"""The columns of each kind of export: their names and order are a promise. A column is added at the end, never renamed.

docs/exports.md is made from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: what a cell holds: a text; one of few words; a whole number; a number from 0 to 1; true or false; a time in UTC;
#: slugs, which have no spaces; names, which may; topics, each with the stance on it
Holds = Literal["text", "word", "whole", "share", "truth", "time", "slugs", "names", "stances"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, what its cells hold, and what that means."""

    name: str
    holds: Holds
    meaning: str


ITEMS = (
    Column("id", "whole", "the item's number; it stays"),
    Column("published_at", "time", "publication, as the page or the feed says; empty where neither does"),
    Column("first_seen_at", "time", "when the item entered the store"),
    Column("source", "word", "the outlet's short name"),
    Column("source_name", "text", "the outlet's name"),
    Column("title", "text", "headline"),
    Column("url", "text", "where the original stands"),
    Column("lang", "word", "language of the text, as `es`"),
    Column("countries", "slugs", "countries the text is about (ISO 3166-1 alpha-2), weightiest first"),
    Column("topics", "slugs", "topics, weightiest first"),
    Column("statements", "whole", "how many statements its present text reports"),
    Column("appearances", "whole", "in how many places it was published"),
    Column("access", "word", "`open`, or `teaser`: the rest of the text is for subscribers"),
    Column("authors", "names", "who wrote it, as the page says"),
)

STATEMENTS = (
    Column("id", "whole", "the statement's number; it stays"),
    Column("published_at", "time", "earliest publication among its reports"),
    Column("first_seen_at", "time", "when we first saw it"),
    Column("speaker", "text", "who said it; empty where the press names nobody"),
    Column("role", "text", "the speaker's role then"),
    Column("country", "word", "the speaker's country then (ISO 3166-1 alpha-2)"),
    Column("text", "text", "the words, as first reported"),
    Column("kind", "word", "`direct`, `mixed` or `indirect`"),
    Column("topics", "slugs", "what it is about, by name"),
    Column("stances", "stances", "the side it takes on each topic: `for`, `against`, `mixed` or `unclear`"),
    Column("via", "names", "outlets and agencies that its reports credit"),
    Column("lang", "word", "language of the words"),
    Column("confidence", "share", "how sure we are of the best report"),
    Column("outlets", "slugs", "outlets that report it, in the order in which we saw them"),
    Column("url", "text", "where the first report stands"),
    Column("speaker_key", "word", "the speaker's key, as `vigia speakers` lists it; empty for one without a name"),
    Column("last_seen_at", "time", "when we last saw it reported"),
    Column("reports", "whole", "how many reports there are of it, those in earlier texts among them"),
    Column("items", "whole", "in how many items"),
)

REPORTS = (
    Column("id", "whole", "the report's number"),
    Column("statement_id", "whole", "the statement it reports: `id` of the statements"),
    Column("item_id", "whole", "the item it stands in: `id` of the items"),
    Column("published_at", "time", "publication of the item"),
    Column("seen_at", "time", "when we saw the report"),
    Column("source", "word", "the outlet's short name"),
    Column("source_name", "text", "the outlet's name"),
    Column("title", "text", "headline of the item"),
    Column("url", "text", "where the item stands"),
    Column("lang", "word", "language of the item"),
    Column("where", "word", "`title` or `text`"),
    Column("text", "text", "the words, as reported here"),
    Column("kind", "word", "`direct`, `mixed` or `indirect`"),
    Column("via", "text", "outlet or agency that is credited"),
    Column("role", "text", "the speaker's role, as reported here"),
    Column("confidence", "share", "how sure we are of it"),
    Column("present", "truth", "whether it stands in the present text, and not in an earlier one only"),
)

ALERTS = (
    Column("id", "whole", "the alert's number"),
    Column("fired_at", "time", "when it fired"),
    Column("rule", "word", "the rule that fired"),
    Column("title", "text", "its first line"),
    Column("body", "text", "the message"),
    Column("url", "text", "where the article stands"),
    Column("item_id", "whole", "the item: `id` of the items"),
    Column("statement_id", "whole", "the statement, where the rule is about statements: `id` of those"),
    Column("key", "text", "what keeps the rule from firing on the same twice"),
)

POSITIONS = (
    Column("country", "word", "the country (ISO 3166-1 alpha-2)"),
    Column("topic", "word", "the topic"),
    Column("stance", "word", "the latest clear stance of its officials: `for`, `against` or `mixed`"),
    Column("at", "time", "when it was taken"),
    Column("speaker", "text", "who took it"),
    Column("role", "text", "their role then"),
    Column("speaker_key", "word", "their key, as `vigia speakers` lists it"),
    Column("statement_id", "whole", "in which statement: `id` of the statements"),
    Column("text", "text", "in which words"),
    Column("for", "whole", "statements of its officials for it in the year before"),
    Column("against", "whole", "... against it"),
    Column("mixed", "whole", "... for and against it"),
)

SPEAKERS = (
    Column("key", "word", "the speaker's key"),
    Column("name", "text", "the name; empty where the press names nobody"),
    Column("role", "text", "role, last reported"),
    Column("country", "word", "country, last reported (ISO 3166-1 alpha-2)"),
    Column("statements", "whole", "how many statements of theirs are stored"),
    Column("last_seen_at", "time", "when something of theirs was last seen reported"),
)
