"""A small configuration on disk, and loaded."""

from pathlib import Path
from textwrap import dedent

import pytest
from topicfiles import COUNTRIES, LEGALIZATION, PARENT, TREATMENT, topic_file, write

from pipeline.topics import Topics


@pytest.fixture
def small(tmp_path: Path) -> Path:
    spanish = '\n[patterns.es]\nsure = ["legaliz* ~3 drogas"]\nlikely = ["regulat*"]\nin_context = ["legaliz*"]\n'
    return write(
        tmp_path,
        {
            "topics/drug-policy.toml": topic_file("drug-policy", PARENT),
            "topics/legalization.toml": topic_file("legalization", LEGALIZATION) + spanish,
            "topics/treatment.toml": topic_file("treatment", TREATMENT, threshold=0.6),
            "countries.toml": dedent(COUNTRIES),
        },
    )


@pytest.fixture
def topics(small: Path) -> Topics:
    return Topics.load(small)
