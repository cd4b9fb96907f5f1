"""Published files of mimicry and mmgeneration: names, configs, refusals."""

from dataclasses import replace

import pytest
import torch
from ganzoo_cgan import convert, spec
from ganzoo_cgan.model import ConditionalGAN
from ganzoo_cgan.published import MIMICRY, MMGEN

from ganzoo.errors import WeightsError
from ganzoo.hub.conversion import ForeignState, fold_power_iteration
from ganzoo.runtime.devices import without_memory

PUBLISHED = {name: each for name, each in spec.presets.items() if "published" in each.description}
SPECTRAL = {"original": "weight_orig", "_u": "weight_u", "_v": "weight_v"}
SIZES = {"latent": 3, "widths": (2, 3, 2, 2), "discriminator_widths": (2, 3, 3, 3), "classes": 5}


def discriminator_names(gan):
    """(name of the block or the head, kind of layer, last part, tensor)."""
    for name, tensor in gan.discriminator.state_dict().items():
        parts = name.split(".")
        end = SPECTRAL.get(parts[-1], parts[-1])
        if parts[0] != "blocks":
            yield parts[0], "", end, tensor
        else:
            kind = "shortcut" if parts[2] == "shortcut" else int(parts[3]) + 1
            yield int(parts[1]), kind, end, tensor


def mimicry(gan, discriminator=True):
    """A state under the names of mimicry."""
    names, generator = {}, gan.generator.state_dict()
    count = gan.config.doublings + 2
    ends = {"start.0": "l1", "end.0": f"b{count}", "end.2": f"c{count}"}
    for name, tensor in generator.items():
        parts = name.split(".")
        if parts[0] != "blocks":
            names[f"G.{ends['.'.join(parts[:2])]}.{parts[2]}"] = tensor
            continue
        block = f"G.block{int(parts[1]) + 2}"
        if parts[2] == "shortcut":
            names[f"{block}.c_sc.{parts[3]}"] = tensor
        elif parts[2] == "convolutions":
            names[f"{block}.c{int(parts[3]) + 1}.{parts[4]}"] = tensor
        elif parts[4] == "norm":
            names[f"{block}.b{int(parts[3]) + 1}.bn.{parts[5]}"] = tensor
        elif parts[4] == "gain":
            both = torch.cat([tensor, generator[name.replace("gain", "shift")]], 1)
            names[f"{block}.b{int(parts[3]) + 1}.embed.weight"] = both
    heads = {"score": "l5", "classes": "l_y"}
    for block, kind, end, tensor in discriminator_names(gan) if discriminator else ():
        layer = "c_sc" if kind == "shortcut" else f"c{kind}"
        where = heads[block] if block in heads else f"block{block + 1}.{layer}"
        names[f"D.{where}.{end}"] = tensor
    return names


def mmgen_rgb(gan):
    """A state under the names of mmgeneration."""
    names = {}
    ends = {"start.0": "noise2feat", "end.0": "to_rgb.bn", "end.2": "to_rgb.conv"}
    for name, tensor in gan.generator.state_dict().items():
        parts = name.split(".")
        if parts[0] != "blocks":
            names[f"generator.{ends['.'.join(parts[:2])]}.{parts[2]}"] = tensor
            continue
        block = f"generator.conv_blocks.{parts[1]}"
        if parts[2] == "norms":
            norm = f"{block}.norm_{int(parts[3]) + 1}"
            if parts[4] == "norm":
                names[f"{norm}.norm.{parts[5]}"] = tensor
            else:
                kind = "weight" if parts[4] == "gain" else "bias"
                names[f"{norm}.{kind}_embedding.weight"] = tensor - int(kind == "weight")
        else:
            kind = "shortcut" if parts[2] == "shortcut" else f"conv_{int(parts[3]) + 1}"
            names[f"{block}.{kind}.conv.{parts[-1]}"] = tensor
    heads = {"score": "decision", "classes": "proj_y"}
    for block, kind, end, tensor in discriminator_names(gan):
        layer = kind if kind == "shortcut" else f"conv_{kind}"
        if block in heads:
            where = heads[block]
        else:
            where = f"{f'conv_blocks.{block - 1}' if block else 'from_rgb'}.{layer}.conv"
        names[f"discriminator.{where}.{end}"] = tensor
    return {f"state_dict.{name}": tensor for name, tensor in names.items()}


def studiogan(gan):
    """A state under the names of StudioGAN, a generator alone."""
    ends = {"start.0": "linear0", "end.0": "bn4", "end.2": "conv2d5"}
    names = {}
    for name, tensor in gan.generator.state_dict().items():
        parts = name.split(".")
        if parts[0] != "blocks":
            names[f"{ends['.'.join(parts[:2])]}.{parts[2]}"] = tensor
            continue
        block = f"blocks.{parts[1]}.0"
        if parts[2] == "norms" and parts[4] == "norm":
            names[f"{block}.bn{int(parts[3]) + 1}.bn.{parts[5]}"] = tensor
        elif parts[2] == "norms":
            kind = "gain" if parts[4] == "gain" else "bias"
            linear = (tensor - int(kind == "gain")).t()
            names[f"{block}.bn{int(parts[3]) + 1}.{kind}.weight"] = linear
        else:
            layer = 0 if parts[2] == "shortcut" else int(parts[3]) + 1
            names[f"{block}.conv2d{layer}.{parts[-1]}"] = tensor
    return {f"state_dict.{name}": tensor for name, tensor in names.items()}


def written(kind, gan):
    if kind == "studiogan":
        return ForeignState(studiogan(gan))
    return ForeignState(mimicry(gan) if kind == "mimicry" else mmgen_rgb(gan))


@pytest.mark.parametrize(
    ("kind", "base"),
    [("mimicry", MIMICRY), ("mmgen_rgb", MMGEN), ("mmgen_inplace", MMGEN)],
)
def test_a_converted_file_is_the_model_that_was_written(kind, base):
    torch.manual_seed(0)
    gan = ConditionalGAN(replace(base, **SIZES)).eval()
    converted = getattr(convert, kind)(written(kind, gan))
    assert converted.config == gan.config
    other = ConditionalGAN(converted.config).eval()
    other.generator.load_state_dict(converted.generator)
    assert not other.load_state_dict(dict(converted.rest), strict=False).unexpected_keys
    latent, label, images = torch.randn(2, 3), torch.tensor([0, 4]), torch.randn(2, 3, 32, 32)
    turn = 1 if kind == "mmgen_inplace" else 0  # images of mmgeneration are BGR
    found, expected = other.generator(latent, label), gan.generator(latent, label)
    torch.testing.assert_close(found.flip(1) if turn else found, expected)
    found = other.discriminator(images.flip(1) if turn else images, label)
    torch.testing.assert_close(found, gan.discriminator(images, label))


DISTINCT = {(each.config, each.weights.converter): name for name, each in PUBLISHED.items()}


@pytest.mark.parametrize("name", DISTINCT.values())
def test_the_config_of_a_preset_is_that_of_the_published_file(name):
    """Mimicry's files hold a generator alone."""
    preset = PUBLISHED[name]
    kind = preset.weights.converter.partition(":")[2]
    with without_memory():
        gan = ConditionalGAN(preset.config)
        state = written(kind, gan)
        if kind == "mimicry":
            state = ForeignState(mimicry(gan, discriminator=False))
        assert getattr(convert, kind)(state).config == preset.config


def test_a_generator_of_studiogan_is_the_model_that_was_written():
    gan = ConditionalGAN(replace(MMGEN, latent=3, widths=(2, 3, 2, 2), classes=5)).eval()
    converted = convert.studiogan(written("studiogan", gan))
    assert converted.config == gan.config
    other = ConditionalGAN(converted.config).eval()
    other.generator.load_state_dict(converted.generator)
    latent, label = torch.randn(2, 3), torch.tensor([0, 4])
    torch.testing.assert_close(other.generator(latent, label), gan.generator(latent, label))
    assert convert.studiogan(written("mmgen_rgb", gan)) is None


def test_heads_that_iterate_in_each_pass_have_the_weight_of_that_pass():
    torch.manual_seed(0)
    gan = ConditionalGAN(replace(MIMICRY, **SIZES))
    state = mimicry(gan)
    weight, u = state.pop("D.l_y.weight_orig"), torch.randn(1, 5)
    del state["D.l_y.weight_u"], state["D.l_y.weight_v"]
    head = {"D.l_y.weight": weight, "D.l_y.sn_u": u, "D.l_y.sn_sigma": torch.ones(1)}
    converted = convert.mimicry(ForeignState(state | head))
    gan.load_state_dict(dict(converted.rest), strict=False)
    expected = fold_power_iteration(weight, u, 1e-12)
    torch.testing.assert_close(gan.eval().discriminator.classes.weight, expected)


def test_files_of_other_kinds_are_left_to_other_converters():
    gan = ConditionalGAN(replace(MIMICRY, **SIZES))
    assert convert.mimicry(written("mmgen", gan)) is None
    for kind in ("mmgen", "mmgen_inplace", "mmgen_rgb"):
        assert getattr(convert, kind)(written("mimicry", gan)) is None


@pytest.mark.parametrize("kind", ["mimicry", "mmgen"])
def test_an_unexpected_tensor_is_refused(kind):
    tensors = dict(written(kind, ConditionalGAN(replace(MIMICRY, **SIZES))).tensors)
    prefix = "G." if kind == "mimicry" else "state_dict.generator."
    state = ForeignState(tensors | {f"{prefix}attention.weight": torch.zeros(1)})
    with pytest.raises(WeightsError, match=r"unexpected tensor attention\.weight"):
        getattr(convert, kind)(state)
