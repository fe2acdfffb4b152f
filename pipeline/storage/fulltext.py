"""Words and phrases asked of a database's full text: FTS5 on SQLite, GIN on PostgreSQL.

Both index the words that pipeline/query/terms.py folds, kept in item_words and statement_words, so neither folds or
cuts anything itself. FTS5 knows where words stand. PostgreSQL's indexes only know which texts have them, and of items,
which texts have two next to each other: what they find for a phrase, or for NEAR, is then looked at. (A tsvector would
know where, of 16,383 words and 256 places of each: too few.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    Table,
    and_,
    cast,
    column,
    func,
    literal_column,
    not_,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import Select
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from pipeline.query.ast import And, Near, Node, Not, Or, Text
from pipeline.storage.schema import item_words, statement_words

Condition = ColumnElement[bool]
#: as the indexes are made by migrations 0012 and 0019, to the letter: else PostgreSQL would not use them
_VECTORS = {
    item_words.name: "vigia_words(item_words.title, item_words.text)",
    statement_words.name: "vigia_words('', statement_words.said)",
}
_PAIRS = {item_words.name: "vigia_pairs(item_words.title, item_words.text)"}
#: `*` where `+` would do, as no word is empty: half the states that a pattern is matched by
_ANY_WORD = "[^ ]* "
#: PostgreSQL's patterns repeat a piece so often at most
_REPEAT_MAX = 255


@dataclass(frozen=True, slots=True)
class Words:
    """A table of folded texts with full text over it: its key, and the columns that a field of a query looks into."""

    table: Table
    key: Column[int]
    fields: dict[str, tuple[Column[str], ...]]

    def answers(self, node: Node) -> bool:
        """Whether the full text alone can tell who meets the node."""
        if isinstance(node, Text | Near):
            return field_of(node) in self.fields
        if isinstance(node, Not):
            return self.answers(node.part)
        return isinstance(node, And | Or) and all(map(self.answers, node.parts))


ITEMS = Words(
    item_words,
    item_words.c.place,
    {
        "any": (item_words.c.title, item_words.c.text),
        "title": (item_words.c.title,),
        "text": (item_words.c.text,),
    },
)
STATEMENTS = Words(
    statement_words,
    statement_words.c.statement_id,
    {"any": (statement_words.c.said,), "said": (statement_words.c.said,)},
)


def field_of(node: Text | Near) -> str:
    """The field that words stand in."""
    return node.field if isinstance(node, Text) else node.left.field


# --- SQLite -----------------------------------------------------------------------------------------------------------


def matching(words: Words, node: Node) -> Select[tuple[int]]:
    """Keys of the texts that meet a node, out of FTS5; it gives them in order of key, either way, as they are read."""
    name = f"{words.table.name}_fts"
    index = table(name, column("rowid"))
    return select(index.c.rowid).where(literal_column(name).op("MATCH")(fts5(node)))


def fts5(node: Node) -> str:
    """The node in FTS5's own language; folded words hold no quotation marks. A Not stands only within an And."""
    if isinstance(node, Or):
        return f"({' OR '.join(map(fts5, node.parts))})"
    if isinstance(node, And):
        wanted = [part for part in node.parts if not isinstance(part, Not)]
        unwanted = [part.part for part in node.parts if isinstance(part, Not)]
        found = f"({' AND '.join(map(fts5, wanted))})"
        return f"({found} NOT ({' OR '.join(map(fts5, unwanted))}))" if unwanted else found
    assert isinstance(node, Text | Near)  # noqa: S101  # callers ask `positive` first
    field = field_of(node)
    return _fts5_words(node) if field in ("any", "said") else f"({field} : {_fts5_words(node)})"


def _fts5_words(node: Text | Near) -> str:
    if isinstance(node, Near):
        return f"NEAR({_fts5_words(node.left)} {_fts5_words(node.right)}, {node.within})"
    return f'"{" ".join(node.words)}"' + (" *" if node.prefix else "")


def positive(node: Node) -> bool:
    """Whether FTS5 can say the node: it has no Not but beside something wanted."""
    if isinstance(node, Or):
        return all(map(positive, node.parts))
    if isinstance(node, And):
        wanted = [part for part in node.parts if not isinstance(part, Not)]
        unwanted = [part.part for part in node.parts if isinstance(part, Not)]
        return bool(wanted) and all(map(positive, [*wanted, *unwanted]))
    return isinstance(node, Text | Near)


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


class _Position(FunctionElement[int]):
    """Where in a text another begins, from 1; 0 for nowhere. A fifth of the time that LIKE takes."""

    type = Integer()
    inherit_cache = True


@compiles(_Position)
def _position(element: _Position, compiler: SQLCompiler, **options: Any) -> str:
    name = "strpos" if compiler.dialect.name == "postgresql" else "instr"
    return f"{name}({compiler.process(element.clauses, **options)})"


def standing(words: Words, node: Node) -> Condition:
    """The node as a condition on a row of the table, whose texts are looked at."""
    if isinstance(node, And):
        return and_(*(standing(words, part) for part in node.parts))
    if isinstance(node, Or):
        return or_(*(standing(words, part) for part in node.parts))
    if isinstance(node, Not):
        return not_(standing(words, node.part))
    assert isinstance(node, Text | Near)  # noqa: S101  # callers ask Words.answers first
    return or_(*(_stands_in(text, node) for text in words.fields[field_of(node)]))


def indexed(words: Words, node: Node) -> Condition:
    """What the indexes know of a `positive` node, as a condition: whoever meets the node meets it.

    The converse holds where they tell all there is to it (`told_by_index`).
    """
    if isinstance(node, Or) and not told_by_index(words, node):
        return or_(*(indexed(words, part) for part in node.parts))
    parts = node.parts if isinstance(node, And) else (node,)
    pairs = [pair for part in parts if (pair := _has_pairs(words, part)) is not None]
    return and_(*pairs) if len(pairs) == len(parts) else and_(_has_words(words, node), *pairs)


def can_look(dialect: str, node: Node) -> bool:
    """Whether a database can look for the node in a text without its index: SQLite has no patterns for NEAR."""
    return dialect == "postgresql" or isinstance(node, Text)


def told_by_index(words: Words, node: Node) -> bool:
    """Whether having the words is all there is to the node, so that no text is looked at."""
    if isinstance(node, And | Or):
        return all(told_by_index(words, part) for part in node.parts)
    if isinstance(node, Not):
        return told_by_index(words, node.part)
    all_texts = max(map(len, words.fields.values()))
    return isinstance(node, Text) and len(node.words) == 1 and len(words.fields[node.field]) == all_texts


def _has_words(words: Words, node: Node) -> Condition:
    vector: ColumnElement[str] = literal_column(_VECTORS[words.table.name])
    asked: ColumnElement[Any] = cast(_tsquery(words, node), TSQUERY)
    if words.table.name in _PAIRS:
        # kept from the planner: without statistics it takes every further word to leave a two-hundredth, and would
        # rather look at all rows that have the words than at the index of a stretch's places
        asked = select(asked).scalar_subquery()
    return vector.op("@@", is_comparison=True)(asked)


def _has_pairs(words: Words, node: Node) -> Condition | None:
    """Words next to each other; their numbers are worked out by the server, as those in the index were."""
    whole = _whole_words(node) if isinstance(node, Text) and words.table.name in _PAIRS else ()
    if len(whole) < 2:
        return None
    pairs: ColumnElement[str] = literal_column(_PAIRS[words.table.name])
    return pairs.op("@>", is_comparison=True)(func.vigia_pairs("", f" {' '.join(whole)} "))


def _whole_words(node: Text) -> tuple[str, ...]:
    return node.words[:-1] if node.prefix else node.words


def _tsquery(words: Words, node: Node) -> str:
    """Words that whoever meets the node has; none that they lack but where the index alone can tell."""
    if isinstance(node, Or):
        return f"({' | '.join(_tsquery(words, part) for part in node.parts)})"
    if isinstance(node, And):
        said = (part for part in node.parts if not isinstance(part, Not) or told_by_index(words, part))
        return f"({' & '.join(_tsquery(words, part) for part in said)})"
    if isinstance(node, Not):
        return f"!{_tsquery(words, node.part)}"
    if isinstance(node, Near):
        return f"({_tsquery(words, node.left)} & {_tsquery(words, node.right)})"
    assert isinstance(node, Text)  # noqa: S101  # callers ask Words.answers first
    # in an index of many words, what begins so is dear to find; where there are whole words, they do
    whole = _whole_words(node)
    quoted = [f"'{word}'" for word in whole or node.words]
    return f"({' & '.join(quoted)}{'' if whole else ':*'})"


def _stands_in(text: ColumnElement[str], node: Text | Near) -> Condition:
    if isinstance(node, Near):
        return text.op("~", is_comparison=True)(near_pattern(node))
    return _Position(text, f" {' '.join(node.words)}{'' if node.prefix else ' '}") > 0


def near_pattern(node: Near) -> str:
    """A regular expression that finds both sides near each other in a folded text, whose words stand between spaces."""
    sides = [_pattern(side.words, side.prefix) for side in (node.left, node.right)]
    apart = [f"{first}{_up_to(node.within)}{second}" for first, second in (sides, sides[::-1])]
    return f" ({'|'.join([*apart, *_overlaps(node.left, node.right), *_overlaps(node.right, node.left)])})"


def _pattern(phrase: Sequence[str], prefix: bool) -> str:
    return f"{' '.join(phrase)}{'[^ ]*' if prefix else ''} "


def _up_to(number: int) -> str:
    """So many words at most."""
    whole, rest = divmod(number, _REPEAT_MAX)
    return f"({_ANY_WORD}){{0,{_REPEAT_MAX}}}" * whole + f"({_ANY_WORD}){{0,{rest}}}"


def _overlaps(first: Text, second: Text) -> list[str]:
    """Patterns of both phrases where the second begins within the first."""
    starts = range(len(first.words))
    return [pattern for start in starts if (pattern := _overlap(first, second, start)) is not None]


def _overlap(first: Text, second: Text, start: int) -> str | None:
    merged = [_open(first, place) for place in range(len(first.words))]
    for place, word in enumerate(second.words):
        piece = (word, second.prefix and place == len(second.words) - 1)
        if start + place == len(merged):
            merged.append(piece)
            continue
        both = _both(merged[start + place], piece)
        if both is None:
            return None
        merged[start + place] = both
    return "".join(_pattern([word], prefix) for word, prefix in merged)


def _open(side: Text, place: int) -> tuple[str, bool]:
    return side.words[place], side.prefix and place == len(side.words) - 1


def _both(one: tuple[str, bool], other: tuple[str, bool]) -> tuple[str, bool] | None:
    """A word that both allow, each (word, whether its end is open); None where there is none."""
    longer, shorter = sorted((one, other), key=lambda piece: (len(piece[0]), not piece[1]), reverse=True)
    if longer == shorter or (shorter[1] and longer[0].startswith(shorter[0])):
        return longer
    return None
