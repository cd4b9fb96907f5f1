"""Export of a generator with its decode to ONNX, torch.export or safetensors, with a check."""

from __future__ import annotations

import importlib.util
import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from ganzoo.errors import ConfigError, RunError, UnknownNameError
from ganzoo.hub.card import read_license
from ganzoo.hub.model_folder import WEIGHTS
from ganzoo.hub.sampling_network import (
    SamplingNetwork,
    describe_inputs,
    describe_output,
    example_rows,
    used_inputs,
)
from ganzoo.hub.sources import TrainedModel
from ganzoo.runtime.files import atomic_write
from ganzoo.runtime.tensor_files import cpu_copies, file_sha256, write_tensors
from ganzoo.runtime.version import VERSION

TOLERANCE = 1e-4
"""Largest difference from the model's own samples, relative to their largest value."""
ONE_FILE = 1_500_000_000
"""Bytes of weights that fit into an ONNX file, whose format ends at 2 GB."""
CHECKED = ((3, 1), (1, 2))
"""Rows and seed of each check; the network is traced with two rows."""

Run = Callable[[Mapping[str, Tensor]], Tensor]
"""Samples of the exported file from rows of its inputs."""


@dataclass(frozen=True)
class NetworkFile:
    """An exported network, which has been checked."""

    path: Path
    facts: Path
    """JSON beside the file: its inputs, output and check."""
    difference: float
    """Largest difference from the model's own samples."""
    relative: float
    """The same, relative to the largest value of the samples."""


def export_network(
    trained: TrainedModel, path: Path, to: str, *, sizes: Sequence[int] = ()
) -> NetworkFile:
    """Write the network that makes samples from their inputs, for use without ganzoo.

    The number of rows is free. The file is run before it is kept, and its samples are compared.

    Args:
        trained: the model, as `open_model` returns it.
        path: the new file; a JSON file with the same stem is written beside it.
        to: ``onnx``, ``torch-export`` or ``safetensors`` (the generator's weights alone).
        sizes: height and width of the source, for a model that takes any size.

    Raises:
        UnknownNameError: no such format.
        ConfigError: a package is missing, or a size that does not fit.
        RunError: a model that cannot be exported, samples that differ, or a file that exists.
    """
    if to not in WRITERS:
        raise UnknownNameError("format", to, WRITERS)
    if to == "onnx":
        _check_packages()
    facts_path = path.with_suffix(".json")
    for each in (path, facts_path):
        if each.exists() or path == facts_path:
            raise RunError(f"{each} exists already: choose another name for -o")
    gan = trained.load()
    rows = example_rows(gan, 2, 0, sizes)
    names = used_inputs(gan, rows)
    network = SamplingNetwork(gan, names).eval()
    rows = {name: rows[name] for name in names}
    with torch.no_grad():
        output = network(*rows.values())
    facts = {
        "model": trained.run.model,
        "format": to,
        "license": read_license(trained.folder) or "unknown",
        "weights_sha256": file_sha256(trained.folder / WEIGHTS),
        "inputs": describe_inputs(gan, rows),
        "output": describe_output(gan, output),
        "versions": {"ganzoo": VERSION, "torch": torch.__version__},
    }
    try:
        with atomic_write(path) as temporary:
            run = WRITERS[to](network, rows, temporary)
            difference, relative = _compare(network, names, run, sizes)
            if not relative <= TOLERANCE:
                raise RunError(
                    f"{trained.run.model}: samples of the exported file differ by {relative:.1e} of"
                    f" their largest value, more than {TOLERANCE:.0e}: nothing was written"
                )
        facts["check"] = {"difference": difference, "relative": relative}
        with atomic_write(facts_path) as temporary:
            temporary.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror or error}") from error
    return NetworkFile(path, facts_path, difference, relative)


def _check_packages() -> None:
    needed = ("onnx", "onnxscript", "onnxruntime")
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigError(
            f'--to onnx needs {" and ".join(missing)}: pip install "ganzoo-core[onnx]"'
        )


def _compare(
    network: SamplingNetwork, names: Sequence[str], run: Run, sizes: Sequence[int]
) -> tuple[float, float]:
    """Largest difference between samples of a file and of the model, absolute and relative."""
    largest = relative = 0.0
    for n, seed in CHECKED:
        every = example_rows(network.gan, n, seed, sizes)
        rows = {name: every[name] for name in names}
        with torch.no_grad():
            wanted = network(*rows.values()).double()
        found = run(rows).double()
        if found.shape != wanted.shape:
            shapes = f"{tuple(found.shape)}, not {tuple(wanted.shape)}"
            raise RunError(f"samples of the exported file have the shape {shapes}")
        difference = float((found - wanted).abs().max())
        largest = max(largest, difference)
        relative = max(relative, difference / max(float(wanted.abs().max()), 1e-12))
    return largest, relative


def _traced(network: SamplingNetwork, rows: Mapping[str, Tensor]) -> torch.export.ExportedProgram:
    """The network as a graph with a free number of rows."""
    n = torch.export.Dim("n", min=1)
    shapes = {"rows": tuple({0: n} for _ in rows)}
    try:
        return torch.export.export(
            network, tuple(rows.values()), dynamic_shapes=shapes, strict=False
        )
    except Exception as error:  # torch.export has no public base class of its errors
        raise RunError(f"this model cannot be traced to a graph: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0][:200] if lines else ''}"


def _write_onnx(network: SamplingNetwork, rows: Mapping[str, Tensor], path: Path) -> Run:
    size = sum(each.numel() * each.element_size() for each in network.state_dict().values())
    if size > ONE_FILE:
        raise RunError(f"{size:,} bytes of weights do not fit into an ONNX file: use torch-export")
    import onnxruntime

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph = _traced(network, rows)
        try:
            program = torch.onnx.export(
                graph,
                dynamo=True,
                input_names=list(rows),
                output_names=["samples"],
                verbose=False,
            )
            assert program is not None
            program.save(str(path), external_data=False)
        except Exception as error:  # torch.onnx has no public base class of its errors
            raise RunError(
                f"this model has no ONNX graph: {_first_line(error)}; try --to torch-export"
            ) from error
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def run(given: Mapping[str, Tensor]) -> Tensor:
        arrays = {name: value.numpy() for name, value in given.items()}
        return torch.from_numpy(session.run(None, arrays)[0])

    return run


def _write_torch_export(network: SamplingNetwork, rows: Mapping[str, Tensor], path: Path) -> Run:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with open(path, "wb") as file:
            torch.export.save(_traced(network, rows), file)
        with open(path, "rb") as written:
            loaded: Any = torch.export.load(written).module()

    def run(given: Mapping[str, Tensor]) -> Tensor:
        with torch.no_grad():
            samples: Tensor = loaded(*given.values())
        return samples

    return run


def _write_safetensors(network: SamplingNetwork, rows: Mapping[str, Tensor], path: Path) -> Run:
    gan = network.gan
    write_tensors(path, cpu_copies(gan.generator.state_dict()), {})
    gan.generator.load_state_dict(load_file(path))

    def run(given: Mapping[str, Tensor]) -> Tensor:
        with torch.no_grad():
            samples: Tensor = network(*given.values())
        return samples

    return run


WRITERS: Mapping[str, Callable[[SamplingNetwork, Mapping[str, Tensor], Path], Run]] = {
    "onnx": _write_onnx,
    "torch-export": _write_torch_export,
    "safetensors": _write_safetensors,
}
"""Formats by name, each with the function that writes a file and returns how to run it."""
