"""Published files of BigGAN and SAGAN: names, configs, refusals, names of classes."""

import re
from dataclasses import replace

import pytest
import torch
from ganzoo_biggan import Config, convert, spec
from ganzoo_biggan.model import BigGAN

from ganzoo import registry
from ganzoo.data.imagenet import class_names
from ganzoo.errors import UnknownNameError, WeightsError
from ganzoo.hub.conversion import Converted, ForeignState, fold_power_iteration
from ganzoo.hub.model_folder import read_config
from ganzoo.hub.published import write_converted
from ganzoo.runtime.devices import without_memory

SMALL = Config(
    size=32,
    latent=8,
    classes=3,
    widths=(16, 16, 8, 8),
    attention=(2,),
    embedding=4,
    eps=1e-4,
    relu_shortcut=True,
).mirrored()
NORMS = [(r"norms\.0\.", "bn1."), (r"norms\.1\.", "bn2."), (r"\.shift\.", ".bias.")]
SPECTRAL = [
    (r"parametrizations\.weight\.original", "weight_orig"),
    (r"parametrizations\.weight\.0\.", "weight"),
]
NAMES = {
    "ajbrock": """
        start.0=linear ^embedding=shared score=linear classes=embed end.1=output_layer.2
        ^norm.weight=output_layer.0.gain ^norm.bias=output_layer.0.bias
        ^norm.running=output_layer.0.stored .norm.running=.stored shortcut=conv_sc gain$=gamma
        convolutions.0=conv1 convolutions.1=conv2 query=theta key=phi value=g output=o
    """,
    "studiogan": """
        start.0=linear0 ^embedding=shared score=linear1 classes=embedding end.1=conv2d5
        ^norm=bn4 .norm.=.bn. shortcut=conv2d0 gain$=sigma convolutions.0=conv2d1
        convolutions.1=conv2d2 query=conv1x1_theta key=conv1x1_phi value=conv1x1_g
        output=conv1x1_attn
    """,
    "mmgen": """
        start.0=noise2feat ^embedding=shared_embedding score=decision classes=proj_y
        end.1=output_layer.conv ^norm=output_layer.bn .norm.=.bn. shortcut=shortcut.conv
        gain$=gamma convolutions.0=conv1.conv convolutions.1=conv2.conv query=theta.conv
        key=phi.conv value=g.conv output=o.conv
    """,
}
"""Beginnings, ends and parts of official names by ours."""


def official(network, layout):
    """A network's tensors under official names."""
    found = {}
    for name, tensor in network.state_dict().items():
        pairs = (pair.split("=") for pair in NAMES[layout].split())
        parts = [(old.replace(".", r"\."), new) for old, new in pairs]
        rows = [*(row for row in parts if row[0][0] in "^e"), *SPECTRAL]
        if name.startswith(("blocks", "attention")):
            rows = [*parts, *NORMS, *SPECTRAL, *places(network, layout)]
        elif name.startswith(("start", "score", "classes")):
            rows = [*parts, *SPECTRAL]
        for old, new in rows:
            name = re.sub(old, new, name)
        found[name] = tensor
    return ajbrock_vectors(found) if layout == "ajbrock" else found


def places(network, layout):
    """Attention is an entry of its own, in the list of blocks or in the entry of its block."""
    after, rows = [int(place) for place in network.attention], []
    for number in reversed(range(len(network.blocks))):
        index = number + sum(place <= number for place in after)
        own, behind = (f"{number}.0", f"{number}.1") if layout == "ajbrock" else (index, index + 1)
        entry = {"ajbrock": "{}", "studiogan": "{}.0", "mmgen": "{}"}[layout]
        kind = "conv_blocks" if layout == "mmgen" else "blocks"
        rows.append((rf"^blocks\.{number}\.", f"@{kind}.{entry.format(own)}."))
        rows.append((rf"^attention\.{number + 1}\.", f"@{kind}.{entry.format(behind)}."))
    return [*rows, ("^@", "")]


def ajbrock_vectors(tensors):
    """One vector for each spectral norm, no counters of batches."""
    found = {}
    for name, tensor in tensors.items():
        if name.endswith("weight_u"):
            found[name.replace("weight_u", "u0")] = tensor[None]
        elif not name.endswith(("weight_v", "num_batches_tracked")):
            found[name.replace("weight_orig", "weight")] = tensor
    return found


def whole_file(gan, layout):
    generator, discriminator = {"mmgen": ("generator.", "discriminator.")}.get(layout) or (
        "G.",
        "D.",
    )
    return {
        **{generator + name: each for name, each in official(gan.generator, layout).items()},
        **{
            discriminator + name: each for name, each in official(gan.discriminator, layout).items()
        },
    }


def state_of(converted):
    return {**{f"generator.{n}": each for n, each in converted.generator.items()}, **converted.rest}


def test_a_converted_file_is_the_model_that_was_written():
    torch.manual_seed(0)
    gan = BigGAN(SMALL)
    converted = convert.studiogan(ForeignState(whole_file(gan, "studiogan")))
    assert converted.config == gan.config
    found, state = state_of(converted), gan.state_dict()
    assert found.keys() == state.keys()
    assert all(torch.equal(found[name], state[name]) for name in state)


def test_spectral_norm_that_iterates_in_each_pass_is_iterated_once():
    torch.manual_seed(0)
    gan = BigGAN(replace(SMALL, eps=1e-5, relu_shortcut=False))
    converted = convert.ajbrock(ForeignState(whole_file(gan, "ajbrock")))
    assert converted.config == gan.config
    found, state = state_of(converted), gan.state_dict()
    assert found.keys() == state.keys()
    kept = [name for name in state if not name.endswith(("._u", "._v"))]
    assert all(torch.equal(found[name], state[name]) for name in kept)
    again = BigGAN(gan.config).eval()
    again.load_state_dict(found)
    layer = gan.generator.start[0].parametrizations.weight
    expected = fold_power_iteration(layer.original, layer[0]._u[None], 1e-6)
    torch.testing.assert_close(again.generator.start[0].weight, expected)


def test_colors_of_mmgeneration_are_turned():
    torch.manual_seed(0)
    gan = BigGAN(replace(SMALL, eps=1e-5)).eval()
    state = ForeignState(whole_file(gan, "mmgen"))
    turned = BigGAN(gan.config).eval()
    converted = convert.mmgen_inplace(state)
    assert converted.config == gan.config
    turned.load_state_dict(state_of(converted))
    rows = gan.prior_rows(2, seed=0)
    images = gan.generate(rows)
    torch.testing.assert_close(turned.generate(rows), images.flip(1))
    scores = turned.discriminator(images.flip(1), rows["label"])
    torch.testing.assert_close(scores, gan.discriminator(images, rows["label"]))


DISTINCT = {
    each.config: name
    for name, each in spec.presets.items()
    if each.weights and each.weights.converter and not each.config.statistics
}


@pytest.mark.parametrize("name", DISTINCT.values())
def test_the_config_of_a_preset_is_that_of_the_published_file(name):
    """The files hold a generator alone."""
    preset = spec.presets[name]
    kind = preset.weights.converter.partition(":")[2]
    with without_memory():
        state = ForeignState(published(BigGAN(preset.config), kind))
    found = getattr(convert, kind)(state)
    assert found.config == preset.config


def published(gan, kind):
    """SAGAN's norms have a spectral norm; BigGAN's at 128 x 128 the one that iterates."""
    tensors = official(gan.generator, kind.partition("_")[0])
    if kind.startswith("mmgen") and gan.config.embedding:
        return ajbrock_vectors(tensors)
    if gan.config.eps == 1e-4 and kind.startswith("mmgen"):
        for name in [name for name in tensors if re.search(r"bn[12]\.(gain|bias)\.weight$", name)]:
            new = re.sub(
                r"bn(.)\.(gain|bias)",
                lambda m: f"norm_{m[1]}.{m[2].replace('gain', 'weight')}_embedding",
                name,
            )
            tensors |= {
                f"{new}_orig": tensors.pop(name),
                f"{new}_u": torch.ones(gan.config.classes),
            }
            tensors[f"{new}_v"] = torch.ones(tensors[f"{new}_orig"].shape[1])
    return tensors


@pytest.mark.parametrize("kind", ["ajbrock", "studiogan", "mmgen", "mmgen_inplace", "mmgen_studio"])
def test_other_files_are_left_to_other_converters(kind):
    other = ForeignState({"linear.weight": torch.zeros(1), "noise2feat.weight": torch.zeros(1)})
    assert getattr(convert, kind)(other) is None


def test_an_unexpected_tensor_is_refused():
    state = whole_file(BigGAN(SMALL), "studiogan") | {"G.mapping.weight": torch.zeros(1)}
    with pytest.raises(WeightsError, match=r"unexpected tensor mapping\.weight"):
        convert.studiogan(ForeignState(state))


def test_classes_of_published_weights_have_names(tmp_path):
    model = registry.resolve("biggan.imagenet128-ajbrock")
    config = replace(SMALL, widths=(4, 4), attention=(), latent=4, classes=1000).mirrored()
    for folder, count in (("named", 1000), ("other", 7)):
        own = replace(config, classes=count)
        write_converted(
            tmp_path / folder, model, Converted(own, BigGAN(own).generator.state_dict()), {}
        )
    run = read_config(tmp_path / "named" / "config.json")
    assert run.label("golden retriever") == 207
    assert run.class_name(207) == "207 (golden retriever)"
    with pytest.raises(UnknownNameError, match="did you mean golden retriever"):
        run.label("golden retreiver")
    assert read_config(tmp_path / "other" / "config.json").classes == ()


def test_names_of_imagenet_are_distinct():
    names = class_names()
    assert len(set(names)) == len(names) == 1000
    assert (names[0], names[134], names[517], names[999]) == (
        "tench", "crane bird", "construction crane", "toilet tissue",
    )  # fmt: skip
