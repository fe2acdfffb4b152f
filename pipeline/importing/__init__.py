"""Imports: articles and pages that others collected, through the same settling as those we fetch.

    a file of JSON lines, or a web archive (WARC) -> pieces, streamed
    known ones are passed over -> the others read in processes, several at once
    -> settled in the order of the file, a batch in one transaction, together with how far the file has come

A file that was stopped goes on where it was. What was imported before is known by its address and text.
"""

from pipeline.importing.files import Opened, kind_of, open_file
from pipeline.importing.jsonl import Line, read_lines
from pipeline.importing.piece import Piece
from pipeline.importing.run import Imported, import_pieces, settle_article
from pipeline.importing.warc import read_records

__all__ = [
    "Imported",
    "Line",
    "Opened",
    "Piece",
    "import_pieces",
    "kind_of",
    "open_file",
    "read_lines",
    "read_records",
    "settle_article",
]
