"""Outlets and what they publish: the catalogue; feeds and sitemaps, bytes -> entries; identity of entries and pages."""

from pipeline.sources.catalogue import load_catalogue
from pipeline.sources.keys import UrlKeys, choose_rung, entry_key
from pipeline.sources.read import read_feed

__all__ = ["UrlKeys", "choose_rung", "entry_key", "load_catalogue", "read_feed"]
