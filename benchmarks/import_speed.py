"""How fast is an import, and does memory grow with the file? JSON lines and a web archive of generated pages.

Baseline, in the same run: trafilatura's defaults on the same pages, which extract text and nothing else.
"""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.flow_speed import _trafilatura as trafilatura_pages_per_second

ROOT = Path(__file__).parent.parent
PAGES = 2_000
#: how much larger the second file is, of which memory is compared
LARGER = 10


def run(shared: Path, number: int = PAGES) -> dict[str, Any]:
    """Import, import again, and reprocess `number` articles; then two files, one LARGER times as large."""
    made = _made(number)
    figures: dict[str, Any] = {"articles": number}
    with tempfile.TemporaryDirectory(prefix="vigia-bench-") as name:
        folder = Path(name)
        warc, lines = _archive(folder, made), _lines(folder, made)
        figures["trafilatura, pages/s"] = round(trafilatura_pages_per_second([html for _, html, _ in made[:200]]), 1)
        figures["lines"] = _told(folder, "lines", number, "import", str(lines))
        figures["lines, known"] = _told(folder, "lines", number, "import", str(lines))
        figures["reprocess, topics"] = _told(folder, "lines", number, "reprocess", "--only", "topics")
        figures["reprocess"] = _told(folder, "lines", number, "reprocess")
        figures["archive"] = _told(folder, "archive", number, "import", str(warc))
        figures["archive, known"] = _told(folder, "archive", number, "import", str(warc))
        few, many = (_lines(folder, _made(size), f"{size}.jsonl") for size in (number // 4, number // 4 * LARGER))
        small = _told(folder, "few", number // 4, "import", str(few))
        large = _told(folder, "many", number // 4 * LARGER, "import", str(many))
    figures |= {f"{number // 4} lines": small, f"{number // 4 * LARGER} lines": large}
    figures["memory, large to small"] = round(large["peak memory, MB"] / small["peak memory, MB"], 2)
    return figures


def _made(number: int) -> list[tuple[str, bytes, str]]:
    from samples.newsroom.generate import pages

    return [(f"{url}?{at}", html, title) for at, (url, html, title) in enumerate(pages(number, 7))]


def _archive(folder: Path, made: list[tuple[str, bytes, str]]) -> Path:
    from fastwarc.stream_io import GzipWriter
    from fastwarc.warc import WarcRecord, WarcRecordType

    path = folder / "archive.warc.gz"
    with path.open("wb") as file:
        for url, html, _ in made:
            record = WarcRecord()
            record.init_headers(WarcRecordType.response)
            record.is_http = True
            record.headers["WARC-Target-URI"] = url
            record.headers["Content-Type"] = "application/http; msgtype=response"
            record.set_bytes_content(b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html)
            buffer = io.BytesIO()
            writer = GzipWriter(buffer)
            record.write(writer)
            writer.finish()
            file.write(buffer.getvalue())
    return path


def _lines(folder: Path, made: list[tuple[str, bytes, str]], name: str = "lines.jsonl") -> Path:
    """The same articles as lines, their texts found by the extraction of the program."""
    from resiliparse.extract.html2text import extract_plain_text

    path = folder / name
    with path.open("w", encoding="utf-8") as file:
        for url, html, title in made:
            text = extract_plain_text(html.decode("utf-8", "replace"), main_content=True)
            file.write(json.dumps({"url": url, "title": title, "text": text, "source": "prensa"}) + "\n")
    return path


def _told(folder: Path, store: str, number: int, *words: str) -> dict[str, float]:
    """Run a command of the program and measure it from outside."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("VIGIA_")}
    ours = {"VIGIA_DATABASE_URL": f"sqlite:///{folder}/{store}.sqlite"}
    measured = f"import resource,sys,json; sys.argv=['vigia',*{list(words)!r}]\n" + _MEASURE
    began = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", measured], cwd=ROOT, env=plain | ours, capture_output=True, text=True, check=False
    )
    took = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = json.loads(done.stdout.strip().splitlines()[-1])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "articles/s": round(number / took, 1),
        "processor time an article, ms": round(1000 * cpu / number, 2),
        "peak memory, MB": round(peak / 1000, 1),
    }


_MEASURE = """
from frontends.cli.main import main
try:
    main()
except SystemExit:
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
