"""Writing a tree back as a query that reads as the same tree: for saved searches, links and messages."""

from __future__ import annotations

from pipeline.query.ast import And, Everything, HasStance, Last, Name, Near, Node, Not, Or, Text, Value, Within
from pipeline.query.times import write_time


def unparse(node: Node) -> str:
    """Write `node` as a query; `parse(unparse(node)) == node`."""
    if isinstance(node, Everything):
        return ""
    if isinstance(node, Or):
        return " OR ".join(map(grouped, node.parts))
    if isinstance(node, And):
        return " ".join(map(grouped, node.parts))
    if isinstance(node, Not):
        return f"-{grouped(node.part)}"
    return _leaf(node)


def grouped(node: Node) -> str:
    """Write `node` as a part of another query, in brackets where it would fall apart."""
    written = unparse(node)
    return (
        f"({written})"
        if isinstance(node, And | Or) or (isinstance(node, Near) and node.left.field == "any")
        else written
    )


def _leaf(node: Text | Near | Value | Name | HasStance | Within | Last) -> str:
    if isinstance(node, Text):
        return _named(node.field, _words(node.words, node.prefix))
    if isinstance(node, Near):
        left, right = (_words(side.words, side.prefix) for side in (node.left, node.right))
        both = f"{left} NEAR/{node.within} {right}"
        return both if node.left.field == "any" else f"{node.left.field}:({both})"
    if isinstance(node, Value):
        return _named(node.field, _words(tuple(node.value.split(" ")), node.prefix, joint="-"))
    if isinstance(node, Name):
        return _named(node.field, _words(node.words, node.prefix))
    if isinstance(node, HasStance):
        return f"stance:{node.topic.replace(' ', '-')}={node.stance}" if node.topic else f"stance:{node.stance}"
    return write_time(node)


def _named(field: str, value: str) -> str:
    return value if field == "any" else f"{field}:{value}"


def _words(words: tuple[str, ...], prefix: bool, joint: str | None = None) -> str:
    if joint is None and len(words) > 1:
        return f'"{" ".join(words)}{"*" * prefix}"'
    return (joint or "").join(words) + "*" * prefix
