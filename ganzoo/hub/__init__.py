"""Trained models: folders, where they are found, how they get to the Hub and back."""

from ganzoo.hub.card import read_metrics, write_card, write_metrics
from ganzoo.hub.convert import convert
from ganzoo.hub.export import export
from ganzoo.hub.folder import (
    CONFIG,
    FORMAT,
    WEIGHTS,
    Provenance,
    load_folder,
    read_config,
    save_weights,
    write_config,
)
from ganzoo.hub.push import FILES, Upload, pin, prepare, push
from ganzoo.hub.source import find_folder, load, provenance

__all__ = [
    "CONFIG",
    "FILES",
    "FORMAT",
    "WEIGHTS",
    "Provenance",
    "Upload",
    "convert",
    "export",
    "find_folder",
    "load",
    "load_folder",
    "pin",
    "prepare",
    "provenance",
    "push",
    "read_config",
    "read_metrics",
    "save_weights",
    "write_card",
    "write_config",
    "write_metrics",
]
