"""Where the settings and the configuration come from: read, and not yet made into anything."""

from __future__ import annotations

import os
from pathlib import Path

from pipeline import settings as settings_module
from pipeline.errors import ConfigError
from pipeline.settings import Settings
from pipeline.sources import Hints, load_catalogue
from pipeline.types import Source

#: where the checkout keeps the configuration, and where an installed wheel does
_CONFIG_FOLDERS = (Path(__file__).parents[2] / "config", Path(__file__).parents[1] / "_config")


def settings_from_environment() -> Settings:
    """Settings as the environment has them. Raises ConfigError."""
    return settings_module.load(os.environ)


def config_folder(settings: Settings) -> Path:
    """The configuration folder: the one set, else the shipped one. Raises ConfigError where there is none."""
    if settings.config:
        folder = Path(settings.config).expanduser()
        if not folder.is_dir():
            raise ConfigError("environment", "VIGIA_CONFIG", "a folder", settings.config)
        return folder
    for folder in _CONFIG_FOLDERS:
        if (folder / "sources.toml").is_file():
            return folder
    raise ConfigError("settings", "config", f"sources.toml in one of {[str(f) for f in _CONFIG_FOLDERS]}", "none")


def holder(folder: Path, name: str) -> Path:
    """The folder that has a file: a copy of the configuration from before it came goes on with the shipped one."""
    held = (one for one in (folder, *_CONFIG_FOLDERS) if (one / name).is_file())
    return next(held, folder)


def load_sources(folder: Path) -> dict[str, Source]:
    """The catalogue by slug. Raises ConfigError."""
    return {source.slug: source for source in load_catalogue(folder)}


def writable_folder(settings: Settings) -> Path:
    """The configuration folder, if its catalogue may be changed. Raises ConfigError, which says what to do, if not."""
    folder = config_folder(settings)
    if folder == _CONFIG_FOLDERS[1]:
        expected = "a folder of your own, which `vigia sources init FOLDER` makes"
        raise ConfigError("environment", "VIGIA_CONFIG", expected, "the configuration inside the installed program")
    file = folder / "sources.toml"
    if not os.access(file, os.W_OK) or not os.access(file.resolve().parent, os.W_OK):
        raise ConfigError(str(file), "the whole file", "a file that can be written, in a folder that can", "neither")
    return folder


def shipped_config() -> Path:
    """The configuration this program came with. Raises ConfigError where there is none."""
    return config_folder(Settings())


def load_hints(settings: Settings) -> Hints:
    """How outlets name their feeds; as shipped where the configuration folder has no word on it. Raises ConfigError."""
    return Hints.load(holder(config_folder(settings), "discovery.toml"))
