"""Reference of the contract with plugins, generated from signatures and docstrings."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType
from typing import Any

import ganzoo
from ganzoo import data, errors, layers, losses, metrics, testing
from ganzoo.data import dataset
from ganzoo.data.images.small_sources import with_small_sources
from ganzoo.evaluation import extractors as features
from ganzoo.hub import conversion, foreign, strided_files
from ganzoo.runtime import memory
from ganzoo.spec import configs, deviations, fields, sample

INTRODUCTION = """# The contract

The public API for plugins: everything on this page, and nothing else. The [tutorial](tutorial.md)
shows its use; [versioning](versioning.md) explains how it may change. Names are in the package
`ganzoo` unless another module is given.
"""

CLASSES: dict[str, tuple[Any, ...]] = {
    "The model": (ganzoo.GAN, ganzoo.Phase, ganzoo.SampleSpec, ganzoo.SampleInput),
    "The spec": (
        ganzoo.ModelSpec,
        ganzoo.ModelConfig,
        fields.AtLeast,
        fields.AtMost,
        fields.Above,
        fields.Below,
        fields.Between,
        fields.OneOf,
        fields.MultipleOf,
        fields.Doubled,
        configs.StridedConfig,
        configs.ResidualConfig,
        ganzoo.Preset,
        ganzoo.Recipe,
        ganzoo.Optimizer,
        ganzoo.Weights,
        ganzoo.Paper,
        ganzoo.Deviation,
    ),
    "Data": (ganzoo.DatasetSpec, ganzoo.Dataset),
    "Scores": (
        ganzoo.ExtractorSpec,
        features.Features,
        ganzoo.Protocol,
        metrics.SampleMetric,
        metrics.RowMetric,
        metrics.PairedMetric,
        metrics.AbsoluteError,
    ),
    "Published weights": (conversion.ForeignState, conversion.Converted),
    "Memory": (),
    "Errors": (errors.GanzooError, errors.ConfigError, errors.DataError, errors.WeightsError),
}
CONSTANTS: dict[str, tuple[ModuleType, ...]] = {
    "The model": (sample,),
    "The spec": (configs, deviations),
    "Published weights": (conversion,),
}
FUNCTIONS: dict[str, tuple[Callable[..., object], ...]] = {
    "The spec": (configs.halvings,),
    "Data": (data.load_data, dataset.as_float, dataset.as_uint8, with_small_sources),
    "Memory": (memory.available_memory,),
    "Published weights": (
        conversion.rename,
        conversion.fold_weight_norm,
        conversion.fold_spectral_norm,
        conversion.fold_power_iteration,
        conversion.power_iteration,
        conversion.keep_spectral_norm,
        conversion.keep_power_iteration,
        strided_files.strided_generator,
        strided_files.strided_discriminator,
        strided_files.standard_generator,
        strided_files.standard_shape,
        foreign.read_tensors,
    ),
    "Scores": (features.load_extractor, features.load_backbone, features.load_verified),
}


def contract() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    for title, classes in CLASSES.items():
        parts.append(f"## {title}\n")
        if ganzoo.GAN in classes:
            parts += list(aliases())
        parts += [described(each) for each in classes]
        parts += [function(each, "###", home(each)) for each in FUNCTIONS.get(title, ())]
        parts += [constants(each) for each in CONSTANTS.get(title, ())]
    parts.append("## Losses\n\nOf `ganzoo.losses`. " + prose(losses.__doc__ or "") + "\n")
    parts += [function(each, "###") for each in own(losses, inspect.isfunction)]
    parts.append("## Layers\n\nOf `ganzoo.layers`. " + prose(layers.__doc__ or "") + "\n")
    parts += [described(each) for each in own(layers, inspect.isclass)]
    parts += [function(each, "###") for each in own(layers, inspect.isfunction)]
    parts.append(f"### Constants\n\n* `layers.HALF_PRECISION`: `{layers.HALF_PRECISION}`\n")
    parts.append("## Checks\n\nOf `ganzoo.testing`.\n")
    parts.append(function(testing.checks, "###"))
    promises = "\n".join(
        f"* `{each.name}`: {each.meaning} {each.fix}" for each in testing.REQUIREMENTS
    )
    parts.append(f"### The requirements\n\n{promises}\n")
    return "\n".join(parts)


def own(module: ModuleType, kind: Callable[[object], bool]) -> list[Any]:
    """Public members of one kind that a module or its submodules define."""
    found = [each for _, each in inspect.getmembers(module, kind)]
    inside = [e for e in found if e.__module__.startswith(module.__name__)]
    return [e for e in inside if not e.__name__.startswith("_")]


def aliases() -> Iterator[str]:
    """`Batch` and `Losses`, documented by the string below them in the source."""
    tree = ast.parse(inspect.getsource(sys.modules[ganzoo.Phase.__module__]))
    for name, (kind, text) in documented(tree.body).items():
        if kind == "TypeAlias" and text:
            yield f"### `{name}`\n\n{prose(text)}\n"


def constants(module: ModuleType) -> str:
    """Public constants and types of a module, with their source."""
    lines = []
    for node in ast.parse(inspect.getsource(module)).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and isinstance(node, ast.Assign | ast.AnnAssign):
            assert node.value is not None
            lines.append(f"* `{module.__name__}.{target.id}`: `{ast.unparse(node.value)}`")
    return f"### Names in `{module.__name__}`\n\n" + "\n".join(lines) + "\n"


def described(cls: type) -> str:
    """Docstring, fields and public methods of a class."""
    parts = [f"### `{home(cls)}{cls.__name__}`\n\n{prose(inspect.getdoc(cls) or '')}\n"]
    fields = list(attributes(cls))
    if fields:
        parts.append("\n".join(fields) + "\n")
    for name, member in vars(cls).items():
        if cls is ganzoo.GAN and name in ("compile", "forward"):  # not for authors
            continue
        if isinstance(member, FunctionType) and member.__doc__ and not name.startswith("_"):
            parts.append(function(member, "####"))
        elif isinstance(member, property) and member.__doc__:
            parts.append(f"#### `{name}`\n\n{prose(inspect.getdoc(member) or '')}\n")
    return "\n".join(parts)


def attributes(cls: type) -> Iterator[str]:
    """A line for each field of a dataclass, unless its docstring has told of them; of any other
    class, for each attribute that says what it is."""
    (node,) = ast.parse(inspect.getsource(cls)).body
    assert isinstance(node, ast.ClassDef)
    told = documented(node.body)
    if not dataclasses.is_dataclass(cls):
        for name, (kind, text) in told.items():
            if text:
                default = f" = {getattr(cls, name)!r}" if hasattr(cls, name) else ""
                yield f"* `{name}: {kind}{default}`: {prose(text)}"
        return
    if "Args:" in (cls.__doc__ or ""):
        return
    for field in dataclasses.fields(cls):
        kind, text = told[field.name]
        default = ""
        if field.default is not dataclasses.MISSING:
            default = f" = {field.default!r}"
        elif field.default_factory is not dataclasses.MISSING:
            made = field.default_factory()
            default = f" = {type(made).__name__}()" if made else f" = {made!r}"
        yield f"* `{field.name}: {kind}{default}`" + (f": {prose(text)}" if text else "")


def documented(body: list[ast.stmt]) -> dict[str, tuple[str, str]]:
    """Type and explanation of each annotated name: of ``Annotated``, or the string below it."""
    told = {}
    for node, after in zip(body, [*body[1:], None], strict=True):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        kind: ast.expr = node.annotation
        text = ""
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            text = str(after.value.value)
        if isinstance(kind, ast.Subscript) and ast.unparse(kind.value) == "Annotated":
            assert isinstance(kind.slice, ast.Tuple)
            kind, *facts = kind.slice.elts
            texts = [fact.value for fact in facts if isinstance(fact, ast.Constant)]
            text = str(texts[0]) if texts else text
        told[node.target.id] = (ast.unparse(kind), text)
    return told


def home(member: type | Callable[..., object]) -> str:
    """The module that a member is imported from, and a dot; nothing for `ganzoo` itself."""
    if member.__name__ in ganzoo.__all__:
        return ""
    package = member.__module__.rpartition(".")[0]
    exported = getattr(sys.modules[package], "__all__", ())
    return f"{package if member.__name__ in exported else member.__module__}."


def function(member: Callable[..., object], mark: str, module: str = "") -> str:
    """A function: its signature and its docstring."""
    signature = str(inspect.signature(member)).replace("'", "").replace("(self, ", "(")
    signature = signature.replace("(self)", "()")
    name, text = member.__name__, prose(member.__doc__ or "")
    return f"{mark} `{module}{name}`\n\n```text\n{name}{signature}\n```\n\n{text}\n"


def prose(docstring: str) -> str:
    """Markdown of a docstring: sections of arguments and errors become lists."""
    text = inspect.cleandoc(docstring).replace("``", "`")
    text = re.sub(r"^Args:$", "", text, flags=re.MULTILINE)
    text = re.sub(r"^(Raises|Returns):$", r"\1:\n", text, flags=re.MULTILINE)
    text = re.sub(r"^    (\w+(?:, \w+)*): ", r"* `\1`: ", text, flags=re.MULTILINE)
    text = re.sub(r"\n {4,}(?=\S)", " ", text)
    text = re.sub(r"(?<=[^\n])\n(?=\* )", "\n", text)
    text = re.sub(r"(?<![\n])\n(?![\n*])", " ", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
