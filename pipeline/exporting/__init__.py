"""What leaves the store for other programs: flat rows with named columns, and the formats they are written in."""

from pipeline.exporting.cells import Cell as Cell
from pipeline.exporting.cells import neutral as neutral
from pipeline.exporting.sheet import Sheet as Sheet
from pipeline.exporting.sheet import csv_lines as csv_lines
