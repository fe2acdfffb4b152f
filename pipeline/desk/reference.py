"""What config/ says that answers are made with; read when it is first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pipeline.errors import ConfigError
from pipeline.tomlfile import read_toml

if TYPE_CHECKING:
    from pipeline.topics import Topic


class _Officials(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Reference:
    """Where the desk reads configuration; without a folder there are no officials and no topics.

    Every property raises ConfigError.
    """

    topics_in: Path | None = None
    officials_in: Path | None = None

    @cached_property
    def officials(self) -> frozenset[str]:
        """Roles whose words count as their country's position."""
        if self.officials_in is None:
            return frozenset()
        file = self.officials_in / "officials.toml"
        roles = read_toml(file, _Officials).roles
        for number, role in enumerate(roles):
            if not role.strip() or role in roles[:number]:
                raise ConfigError(str(file), f"roles[{number}]", "a role, each once", role)
        if not roles:
            raise ConfigError(str(file), "roles", "at least one role", [])
        return frozenset(roles)

    @cached_property
    def topics(self) -> tuple[Topic, ...]:
        """What each topic means; the parent, which all imply, is not among them."""
        # what reads topics is slow to load, and few questions need it
        from pipeline.topics.watch import read_meanings

        return () if self.topics_in is None else read_meanings(self.topics_in)
