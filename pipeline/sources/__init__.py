"""Outlets and what they publish: the catalogue; feeds and sitemaps, bytes -> entries; identity of entries and pages."""

from pipeline.sources.catalogue import load_catalogue
from pipeline.sources.discovery import Candidate, Survey, discover, survey
from pipeline.sources.keys import UrlKeys, choose_rung, entry_key
from pipeline.sources.leads import Hints
from pipeline.sources.read import read_feed

__all__ = [
    "Candidate",
    "Hints",
    "Survey",
    "UrlKeys",
    "choose_rung",
    "discover",
    "entry_key",
    "load_catalogue",
    "read_feed",
    "survey",
]
