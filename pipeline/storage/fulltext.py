"""Words and phrases asked of a database's full text: FTS5 on SQLite, GIN on PostgreSQL.

Both index the words that pipeline/query/terms.py folds, kept in item_words and statement_words, so neither folds or
cuts anything itself. FTS5 knows where words stand. PostgreSQL's index only knows which texts have them: phrases and
NEAR are then looked for in those texts. (A tsvector would know, of 16,383 words and 256 places of each: too few.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, Table, and_, cast, column, literal_column, not_, or_, select, table
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.sql import Select

from pipeline.query.ast import And, Near, Node, Not, Or, Text
from pipeline.storage.schema import item_words, statement_words

Condition = ColumnElement[bool]
#: as the index is made by migration 0012, to the letter: else PostgreSQL would not use it
_VECTORS = {
    item_words.name: "vigia_words(item_words.title, item_words.text)",
    statement_words.name: "vigia_words('', statement_words.said)",
}
_ANY_WORD = "[^ ]+ "
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


def standing(words: Words, node: Node, *, indexed: bool) -> Condition:
    """The node as a condition on a row of the table; `indexed`, such that the index finds the rows."""
    if isinstance(node, And):
        return and_(*(standing(words, part, indexed=indexed) for part in node.parts))
    if isinstance(node, Or):
        return or_(*(standing(words, part, indexed=indexed) for part in node.parts))
    if isinstance(node, Not):
        # an index finds what is there: for what is not, each text is looked at
        return not_(standing(words, node.part, indexed=False))
    assert isinstance(node, Text | Near)  # noqa: S101  # callers ask Words.answers first
    exact = or_(*(_stands_in(text, node) for text in words.fields[field_of(node)]))
    if not indexed:
        return exact
    vector: ColumnElement[str] = literal_column(_VECTORS[words.table.name])
    has_all = vector.op("@@", is_comparison=True)(cast(_tsquery(node), TSQUERY))
    return has_all if told_by_index(words, node) else and_(has_all, exact)


def told_by_index(words: Words, node: Node) -> bool:
    """Whether having the words is all there is to the node, so that no text is looked at."""
    if isinstance(node, And | Or):
        return all(told_by_index(words, part) for part in node.parts)
    all_texts = max(map(len, words.fields.values()))
    return isinstance(node, Text) and len(node.words) == 1 and len(words.fields[node.field]) == all_texts


def _tsquery(node: Text | Near) -> str:
    if isinstance(node, Near):
        return f"{_tsquery(node.left)} & {_tsquery(node.right)}"
    return " & ".join(f"'{word}'" for word in node.words) + (":*" if node.prefix else "")


def _stands_in(text: ColumnElement[str], node: Text | Near) -> Condition:
    if isinstance(node, Near):
        return text.op("~", is_comparison=True)(near_pattern(node))
    return text.like(f"% {' '.join(node.words)}{'%' if node.prefix else ' %'}")


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
