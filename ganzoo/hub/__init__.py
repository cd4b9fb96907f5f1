"""Trained models: model folders, their sources, and the Hugging Face Hub."""

from ganzoo.hub.card import read_metrics, write_card, write_metrics
from ganzoo.hub.export import export
from ganzoo.hub.foreign import read_state, read_tensors
from ganzoo.hub.import_model import import_recognized, import_weights
from ganzoo.hub.model_folder import (
    CONFIG,
    FORMAT,
    WEIGHTS,
    RunConfig,
    load_folder,
    read_config,
    read_weights,
    save_weights,
    write_config,
)
from ganzoo.hub.network_export import NetworkFile, export_network
from ganzoo.hub.push import FILES, Upload, pin, prepare, push
from ganzoo.hub.rest import REST, read_rest
from ganzoo.hub.sources import TrainedModel, find_folder, load, open_model, run_config

__all__ = [
    "CONFIG",
    "FILES",
    "FORMAT",
    "REST",
    "WEIGHTS",
    "NetworkFile",
    "RunConfig",
    "TrainedModel",
    "Upload",
    "export",
    "export_network",
    "find_folder",
    "import_recognized",
    "import_weights",
    "load",
    "load_folder",
    "open_model",
    "pin",
    "prepare",
    "push",
    "read_config",
    "read_metrics",
    "read_rest",
    "read_state",
    "read_tensors",
    "read_weights",
    "run_config",
    "save_weights",
    "write_card",
    "write_config",
    "write_metrics",
]
