"""Choices of options as enumerations, which the parser checks."""

from __future__ import annotations

from enum import Enum


class Precision(str, Enum):
    """Values of ``--precision``."""

    auto = "auto"
    fp32 = "fp32"
    tf32 = "tf32"
    bf16 = "bf16"
    fp16 = "fp16"


class Augment(str, Enum):
    """Values of ``--augment``."""

    none = "none"
    diff = "diff"
    ada = "ada"


class OnCollapse(str, Enum):
    """Values of ``--on-collapse``."""

    warn = "warn"
    stop = "stop"
    rollback = "rollback"


class Keep(str, Enum):
    """Values of ``--keep``."""

    best = "best"
    last = "last"


class TrackerName(str, Enum):
    """Values of ``--track``."""

    tensorboard = "tensorboard"
    wandb = "wandb"
    trackio = "trackio"


class TableFormat(str, Enum):
    """Values of ``--format``."""

    table = "table"
    markdown = "markdown"
    csv = "csv"
    latex = "latex"
    json = "json"


class Curve(str, Enum):
    """Values of ``--how``."""

    linear = "linear"
    slerp = "slerp"
    spline = "spline"


class Method(str, Enum):
    """Values of ``--method``."""

    pca = "pca"
    sefa = "sefa"


class Video(str, Enum):
    """Values of ``--video``."""

    gif = "gif"
    webp = "webp"
    mp4 = "mp4"


class ExportFormat(str, Enum):
    """Values of ``--to``."""

    folder = "folder"
    onnx = "onnx"
    torch_export = "torch-export"
    safetensors = "safetensors"
