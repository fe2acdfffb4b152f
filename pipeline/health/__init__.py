"""Is a source as it usually is? What its days say: silent, thinner, failing, garbled, wrongly dated? Pure.

    steps of the flow -> SourceDay (day.py) -> Timeline (timeline.py)
      -> Sign of each kind: silence.py, volume.py, shares.py -> Change: opened or recovered (judge.py)

Asks no store and no clock, and never blames an outlet for hours in which we did not ask it. docs/health.md tells what
each symptom means and what to do.
"""

from pipeline.health.day import SourceDay, of_ending, of_page, of_poll
from pipeline.health.judge import HISTORY, Change, Ruling, Symptom, judge

__all__ = ["HISTORY", "Change", "Ruling", "SourceDay", "Symptom", "judge", "of_ending", "of_page", "of_poll"]
