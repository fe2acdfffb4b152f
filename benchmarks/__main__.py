"""Runs the benchmarks named on the command line, or all, and prints one JSON object: name -> figures."""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
#: real material for measuring, beside a maintainer's checkout; benchmarks that need it say so where it is absent
SHARED = ROOT.parent / "shared"
NAMES = (
    "flow_speed",
    "feed_speed",
    "fetch_speed",
    "poll_speed",
    "import_speed",
    "due_queue",
    "extraction_quality",
    "statements_quality",
    "topics_quality",
    "copies_quality",
    "copies_speed",
    "real_input",
    "health_quality",
    "rules_speed",
    "backtest_speed",
    "export_speed",
    "search_speed",
    "desk_speed",
    "web_speed",
    "workers_speed",
)


def main(names: list[str]) -> int:
    """Run and print; 2 for an unknown name."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"benchmarks: expected any of {', '.join(NAMES)}, got {unknown[0]}", file=sys.stderr)
        return 2
    figures: dict[str, Any] = {"machine": machine()}
    for name in names or NAMES:
        print(f"{name} ...", file=sys.stderr)
        figures[name] = importlib.import_module(f"benchmarks.{name}").run(SHARED)
    print(json.dumps(figures, indent=1, ensure_ascii=False))
    return 0


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
