"""Who asks: nobody in particular on a store that is served to this machine alone, else somebody who signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Request

from frontends.web.problems import Problem

Role = Literal["reader", "editor"]


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person, or a program with a token."""

    #: empty without login
    name: str
    role: Role
    #: what forms must bring back
    csrf: str = ""

    @property
    def edits(self) -> bool:
        """Whether they may change anything."""
        return self.role == "editor"


def visitor(request: Request) -> Visitor:
    """Who asks."""
    found: Visitor = request.state.visitor
    return found


def editor(request: Request) -> Visitor:
    """Who asks, if they may change something; a 403 if not."""
    found = visitor(request)
    if not found.edits:
        raise Problem(403, f"expected an editor, got a {found.role}")
    return found


VisitorHere = Annotated[Visitor, Depends(visitor)]
EditorHere = Annotated[Visitor, Depends(editor)]
