"""The embedded engine: engine.py is the loop; rounds.py its polls; lock.py keeps a second one off a store."""

from pipeline.runner.engine import GRACE, Runner
from pipeline.runner.lock import only_engine
from pipeline.runner.task import Event

__all__ = ["GRACE", "Event", "Runner", "only_engine"]
