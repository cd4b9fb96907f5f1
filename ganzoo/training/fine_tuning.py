"""Fine-tuning: start from trained weights, with some layers frozen."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from ganzoo import hub
from ganzoo.errors import ConfigError, WeightsError, first_problems
from ganzoo.gan import GAN


def start_from(gan: GAN, source: str) -> bool:
    """Load the trained weights of a source into a new model.

    The generator is the averaged one. The other networks come along where the source has them: a
    run folder in its checkpoint, an imported model in discriminator.safetensors.

    Args:
        gan: the new model.
        source: as `ganzoo.load` takes it.

    Returns:
        True if the source had the other networks too.

    Raises:
        WeightsError: no weights, or tensors of other names or shapes; the message names them.
    """
    trained = hub.open_model(source)
    generator = hub.read_weights(trained.folder)
    tensors = {f"generator.{name}": value for name, value in generator.items()}
    rest = hub.read_rest(trained.folder)
    own = gan.state_dict()
    started = {name.partition(".")[0] for name in (*tensors, *rest)}
    expected = {name: value for name, value in own.items() if name.partition(".")[0] in started}
    _check({**tensors, **rest}, expected, source)
    gan.load_state_dict({**own, **tensors, **rest})
    return bool(rest)


def freeze(gan: GAN, frozen: Sequence[str]) -> None:
    """Exclude the first layers of networks from training (FreezeD, Mo et al. 2020).

    A layer is a module with parameters of its own; layers count from the input on, in the order in
    which the model declares them.

    Args:
        gan: the model.
        frozen: e.g. ``("discriminator:4",)``.

    Raises:
        ConfigError: another form, a network that the model does not have, or all of its layers.
    """
    for text in frozen:
        name, number = parse(text)
        network = getattr(gan, name, None)
        if not isinstance(network, nn.Module):
            known = ", ".join(key for key, _ in gan.named_children())
            raise ConfigError(f"freeze={text}: the model has no network {name!r}, but {known}")
        layers = [each for each in network.modules() if list(each.parameters(recurse=False))]
        if number >= len(layers):
            raise ConfigError(
                f"freeze={text}: {name} has {len(layers)} layers, at most {len(layers) - 1} can be"
                " frozen"
            )
        for layer in layers[:number]:
            layer.requires_grad_(False)


def parse(text: str) -> tuple[str, int]:
    """Network and number of layers of ``discriminator:4``.

    Raises:
        ConfigError: another form.
    """
    found = re.fullmatch(r"(\w+):(\d+)", text)
    if not found or not int(found[2]):
        raise ConfigError(f"freeze={text}: write NETWORK:LAYERS, e.g. discriminator:4")
    return found[1], int(found[2])


def _check(found: Mapping[str, Tensor], expected: Mapping[str, Tensor], source: str) -> None:
    """Refuse tensors of other names or shapes."""
    problems = [
        f"{name} is {tuple(found[name].shape)} there and {tuple(value.shape)} here"
        for name, value in expected.items()
        if name in found and found[name].shape != value.shape
    ]
    problems += [f"{name} is not there" for name in expected if name not in found]
    problems += [f"{name} is not here" for name in found if name not in expected]
    if problems:
        raise WeightsError(
            f"cannot start from {source}: {first_problems(problems, 3)}; the model must have the"
            f" settings of {source}, see `ganzoo info` and --set"
        )
