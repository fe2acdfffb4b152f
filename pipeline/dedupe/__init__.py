"""Near copies: what texts share, whatever their titles, and what one text is to another.

    fingerprint -> (the store: candidates) -> without(boilerplate) -> relation -> original_among

prints.py makes what is stored and looked up; relation.py and facts.py decide on two texts; boilerplate.py leaves out
what a source sets around every text; changes.py says what a publisher changed; original.py which appearance to cite.
Knows no language and no storage; docs/duplicates.md has the measurements.
"""

from pipeline.dedupe.boilerplate import edges, without
from pipeline.dedupe.changes import changes, is_trivial
from pipeline.dedupe.original import Agencies, Place, original_among
from pipeline.dedupe.prints import fingerprint, resemblance
from pipeline.dedupe.relation import Relation, relation

__all__ = [
    "Agencies",
    "Place",
    "Relation",
    "changes",
    "edges",
    "fingerprint",
    "is_trivial",
    "original_among",
    "relation",
    "resemblance",
    "without",
]
