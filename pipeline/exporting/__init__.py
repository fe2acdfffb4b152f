"""What leaves the store for other programs: flat rows with named columns, and the formats they are written in.

A page's table is a `Sheet`; whole exports are begun and written by export.py, whose columns columns.py promises, and
feeds by feeds.py.
"""

from pipeline.exporting.cells import Cell as Cell
from pipeline.exporting.cells import neutral as neutral
from pipeline.exporting.sheet import Sheet as Sheet
from pipeline.exporting.sheet import csv_lines as csv_lines
