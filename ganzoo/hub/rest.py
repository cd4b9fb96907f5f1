"""Networks beside the generator, in a model folder that keeps them for fine-tuning."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from ganzoo.errors import WeightsError
from ganzoo.runtime import checkpoint, tensor_files
from ganzoo.runtime.files import atomic_write

REST = "discriminator.safetensors"
"""Entries of the GAN's state dict outside the generator, by their full names."""


def save_rest(folder: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, str]) -> None:
    """Write a folder's discriminator.safetensors.

    Raises:
        OSError: it cannot be written.
    """
    with atomic_write(folder / REST) as temporary:
        tensor_files.write_tensors(temporary, tensor_files.cpu_copies(tensors), facts)


def read_rest(folder: Path) -> dict[str, Tensor]:
    """The networks beside the generator, from their file or from the run's checkpoint.

    Returns:
        Tensors by their names in the GAN, e.g. ``discriminator.0.weight``; empty if the folder has
        neither file.

    Raises:
        WeightsError: the file is damaged.
    """
    if (folder / REST).exists():
        try:
            return load_file(folder / REST)
        except (OSError, SafetensorError) as error:
            raise WeightsError(f"{folder / REST} is damaged: {error}") from None
    found = checkpoint.load(folder)
    if found is None:
        return {}
    names = {name: name.removeprefix("gan.") for name in found[0] if name.startswith("gan.")}
    return {own: found[0][name] for name, own in names.items() if not own.startswith("generator.")}
