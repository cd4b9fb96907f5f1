"""Sampling as one network: what `GAN.generate` reads to what `GAN.decode` returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ganzoo.errors import ConfigError, RunError
from ganzoo.gan import GAN
from ganzoo.runtime import seeds
from ganzoo.spec import SampleInput

FREE = 64
"""Size of a dimension that neither the model nor the user fixes."""
CPU = torch.device("cpu")


class SamplingNetwork(nn.Module):
    """Rows of the inputs, in the order of ``names``, to samples.

    Args:
        gan: the model, in evaluation mode; its discriminator is taken away.
        names: inputs, as `used_inputs` returns them.
    """

    def __init__(self, gan: GAN, names: Sequence[str]) -> None:
        super().__init__()
        gan.discriminator = nn.Identity()
        self.gan = gan
        self.names = tuple(names)

    def forward(self, *rows: Tensor) -> Tensor:
        output = self.gan.generate(dict(zip(self.names, rows, strict=True)))
        return self.gan.decode(output.float() if output.is_floating_point() else output)


class _Reads(Mapping[str, Tensor]):
    """A batch that records which of its entries are read."""

    def __init__(self, rows: Mapping[str, Tensor]) -> None:
        self.rows = rows
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> Tensor:
        value = self.rows[name]  # first: `in` asks for names that are not there
        self.names.add(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def used_inputs(gan: GAN, rows: Mapping[str, Tensor]) -> list[str]:
    """Names of the inputs that a sample depends on: declared ones first, then what is drawn.

    Raises:
        RunError: the model draws random numbers that are no input.
    """
    reads = _Reads(rows)
    made = []
    for seed in (0, 1):
        with seeds.fork_rng(CPU, seed), torch.no_grad():
            made.append(gan.generate(reads))
    if not torch.equal(*made):
        raise RunError(
            "this model draws random numbers while it generates, so that its samples are no"
            " function of its inputs and cannot be exported"
        )
    declared = [each.name for each in gan.inputs]
    order = [*declared, *(name for name in rows if name not in declared)]
    return [name for name in order if name in reads.names]


def example_rows(gan: GAN, n: int, seed: int, sizes: Sequence[int] = ()) -> dict[str, Tensor]:
    """Rows of every input: those that the model draws, its required ones and the truncation.

    Args:
        gan: the model, in evaluation mode.
        n: number of rows.
        seed: of the rows.
        sizes: sizes of the free dimensions of an input, e.g. height and width of a source.

    Raises:
        ConfigError: sizes for a model without free dimensions, or too many or too few of them.
    """
    rows = dict(gan.prior_rows(n, seed))
    missing = [each for each in gan.inputs if each.required and each.name not in rows]
    shapes = {each.name: _row_shape(gan, each, sizes) for each in missing}
    if sizes and not any(each.is_free for each in missing):
        raise ConfigError("--size: every input of this model has a fixed size")
    with seeds.fork_rng(CPU, seed):
        for name, shape in shapes.items():
            drawn = 2 * torch.rand(n, *shape) - 1
            rows[name] = (drawn > 0).float() if name == "mask" else drawn
        if "truncation" in {each.name for each in gan.inputs}:
            rows["truncation"] = torch.rand(n)
    return rows


def _row_shape(gan: GAN, each: SampleInput, sizes: Sequence[int]) -> tuple[int, ...]:
    """Shape of a row of an input: as declared; free dimensions as asked for, or of a sample."""
    own = gan.sample_spec.shape
    shape = each.shape or own
    free = [place for place, size in enumerate(shape) if size is None]
    if sizes and free and len(sizes) != len(free):
        wanted = "x".join(["64"] * len(free))
        raise ConfigError(f"--size: {each.name} has {len(free)} free dimensions, e.g. {wanted}")
    if sizes and free:
        asked = dict(zip(free, sizes, strict=True))
    else:
        asked = {place: (own[place] if len(own) == len(shape) else None) or FREE for place in free}
    return tuple(asked[place] if size is None else size for place, size in enumerate(shape))


def describe_inputs(gan: GAN, rows: Mapping[str, Tensor]) -> list[dict[str, Any]]:
    """Name, shape, type and range of inputs, and how those are distributed that a model draws."""
    known = {each.name: each.description for each in gan.inputs}
    drawn = gan.prior_rows(256, 0)
    facts = []
    for name, value in rows.items():
        each: dict[str, Any] = {
            "name": name,
            "description": known.get(name, "noise that the model draws for each sample"),
            "shape": ["n", *value.shape[1:]],
            "dtype": str(value.dtype).removeprefix("torch."),
            "range": _range(gan, name, value),
        }
        if name in drawn and drawn[name].is_floating_point():
            spread = drawn[name].double()
            each["drawn"] = {
                "mean": round(float(spread.mean()), 2),
                "std": round(float(spread.std()), 2),
                "min": round(float(spread.min()), 2),
                "max": round(float(spread.max()), 2),
            }
        facts.append(each)
    return facts


def _range(gan: GAN, name: str, value: Tensor) -> list[float] | None:
    if name == "label":
        return [0, gan.num_classes - 1] if gan.num_classes else None
    if value.dtype == torch.bool or name in ("mask", "truncation"):
        return [0, 1]
    return [-1.0, 1.0] if name == "source" else None


def describe_output(gan: GAN, output: Tensor) -> dict[str, Any]:
    """Name, shape, type, kind and range of the samples."""
    spec = gan.sample_spec
    facts: dict[str, Any] = {
        "name": "samples",
        "kind": spec.kind,
        "shape": ["n", *output.shape[1:]],
        "dtype": str(output.dtype).removeprefix("torch."),
        "range": [0, spec.vocabulary - 1] if spec.vocabulary else list(spec.range),
    }
    if spec.rate:
        facts["rate"] = spec.rate
    if spec.words:
        facts["words"] = list(spec.words)
    return facts
