"""Installed models by name: ``arch.preset`` is a recipe, a benchmark row and trained weights."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from ganzoo.errors import GanzooError, UnknownNameError
from ganzoo.registry.plugins import MODELS, Plugin, find_plugin, import_object, installed
from ganzoo.runtime.arguments import MODEL_NAME, check_given
from ganzoo.spec import ModelSpec, Preset

LARGE = 256
"""Pixels of the largest preset that is proposed: larger ones train for days."""


@dataclass(frozen=True)
class Model:
    """One preset of one plugin, called ``arch.preset``."""

    plugin: Plugin[ModelSpec]
    spec: ModelSpec
    preset_name: str

    @property
    def name(self) -> str:
        return f"{self.plugin.name}.{self.preset_name}"

    @property
    def qualified(self) -> str:
        return f"{self.plugin.qualified}.{self.preset_name}"

    @property
    def preset(self) -> Preset:
        return self.spec.presets[self.preset_name]

    @property
    def packaged(self) -> Path | None:
        """The model folder for this preset in the plugin's package, if there is one."""
        package = importlib.util.find_spec(self.spec.model.partition(":")[0].partition(".")[0])
        if package is None or package.origin is None:
            return None
        folder = Path(package.origin).parent / "weights" / self.preset_name
        return folder if folder.is_dir() else None

    @property
    def pretrained(self) -> bool:
        """True if there are trained weights."""
        return self.preset.weights is not None

    @property
    def summary(self) -> str:
        """One line about the preset, or about its architecture."""
        return self.preset.description or self.spec.summary

    def check_needs(self, config: object) -> None:
        """Raise the error of the plugin if training needs something that is not here.

        Args:
            config: of the model that will be trained.
        """
        if self.spec.check_needs:
            import_object(self.plugin, self.spec.check_needs)(config)

    def unmet_need(self) -> str:
        """The need of training that is not met, in words; empty if there is none."""
        try:
            self.check_needs(self.preset.config)
        except GanzooError as error:
            return str(error)
        return ""

    @property
    def image_format(self) -> str:
        """Name, size and colors of a preset of images, in words."""
        config = self.preset.config
        size, channels = (getattr(config, key, 0) for key in ("size", "channels"))
        kind = "gray" if channels == 1 else "color"
        return f"{self.name} makes {kind} images of {size} x {size}"


def discover() -> list[Plugin[ModelSpec]]:
    """Every installed plugin that provides a model, broken ones included."""
    return installed(MODELS)


def resolve(name: str) -> Model:
    """The model called ``arch``, ``arch.preset`` or ``distribution/arch.preset``.

    A bare architecture means its first preset. Of several plugins with one name, `find_plugin`
    chooses.

    Raises:
        UnknownNameError: no such model or preset.
        PluginError: the plugin is broken, or two third parties provide the name.
    """
    check_given("model", name, (str,), MODEL_NAME)
    distribution, slash, rest = name.rpartition("/")
    architecture, _, preset = rest.partition(".")
    plugin, spec = find_plugin(MODELS, f"{distribution}{slash}{architecture}")
    if preset and preset not in spec.presets:
        known = {f"{architecture}.{preset_name}" for preset_name in spec.presets}
        raise UnknownNameError("model", rest, known, f"see `{MODELS.shown_by}`")
    return Model(plugin, spec, preset or next(iter(spec.presets)))


def closer_preset(model: Model, shape: tuple[int, ...], original: tuple[int, ...]) -> Model | None:
    """Preset of the same architecture whose samples are closer to images as they are.

    Args:
        model: the chosen preset.
        shape: (C, H, W) of its samples.
        original: (C, H, W) of the images.

    Returns:
        The largest preset that does not enlarge the images, of at most `LARGE` pixels, if it keeps
        colors that are lost, or has at least twice the size; else None.
    """
    keeps_color = original[0] <= shape[0]
    channels, room = max(original[0], shape[0]), min(*original[1:], LARGE)
    sizes = {
        name: int(getattr(preset.config, "size", 0))
        for name, preset in model.spec.presets.items()
        if getattr(preset.config, "channels", 0) == channels
    }
    fitting = {name: size for name, size in sizes.items() if 0 < size <= room}
    if fitting:
        chosen = max(fitting, key=lambda name: fitting[name])
    elif sizes:
        chosen = min(sizes, key=lambda name: sizes[name])
    if not sizes or (keeps_color and fitting.get(chosen, 0) < 2 * max(shape[1:])):
        return None
    return Model(model.plugin, model.spec, chosen)


def models(
    pattern: str = "*", plugins: Iterable[Plugin[ModelSpec]] | None = None
) -> Iterator[Model]:
    """Every preset whose name, or whose architecture's name, matches a glob.

    Args:
        pattern: the glob.
        plugins: from `discover`, which is called if they are left out; broken ones are passed over.
    """
    for plugin in discover() if plugins is None else plugins:
        if plugin.spec is None:
            continue
        for preset in plugin.spec.presets:
            model = Model(plugin, plugin.spec, preset)
            names = (plugin.name, model.name, model.qualified)
            if any(fnmatchcase(name, pattern) for name in names):
                yield model


def match(patterns: list[str]) -> list[Model]:
    """The models of names and globs, each once, in the order given.

    A bare architecture means its first preset, a glob every preset that it matches.

    Raises:
        UnknownNameError: a name that does not exist, or a glob that matches nothing.
    """
    chosen: dict[str, Model] = {}
    for pattern in patterns:
        if any(sign in pattern for sign in "*?["):
            found = list(models(pattern))
            if not found:
                known = {model.name for model in models()}
                raise UnknownNameError("model that matches", pattern, known, "see `ganzoo list`")
        else:
            found = [resolve(pattern)]
        chosen.update({model.qualified: model for model in found})
    return list(chosen.values())
