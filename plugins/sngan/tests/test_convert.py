"""Published files of mimicry: names, configs, heads, refusals."""

from dataclasses import replace
from math import log

import pytest
import torch
from ganzoo_sngan import convert, spec
from ganzoo_sngan.model import SNGAN
from ganzoo_sngan.published import MIMICRY

from ganzoo.errors import WeightsError
from ganzoo.hub.conversion import ForeignState, fold_power_iteration
from ganzoo.runtime.devices import without_memory

PUBLISHED = {name: each for name, each in spec.presets.items() if "published" in each.description}
SMALL = replace(
    MIMICRY[32], latent=3, widths=(2, 3, 2, 2), discriminator_widths=(2, 3, 3, 3), rotation=True
)
SPECTRAL = {"original": "weight_orig", "_u": "weight_u", "_v": "weight_v"}


def mimicry(gan, discriminator=True):
    """A state under the names of mimicry."""
    kinds = {"norms": "b", "convolutions": "c"}
    blocks = gan.config.doublings
    names = {}
    for name, tensor in gan.generator.state_dict().items():
        position, *rest = name.split(".")
        if position == "0":
            new = f"l1.{rest[0]}"
        elif int(position) >= blocks + 2:
            new = f"{'b' if int(position) == blocks + 2 else 'c'}{blocks + 2}.{rest[0]}"
        elif rest[0] == "shortcut":
            new = f"block{position}.c_sc.{rest[1]}"
        else:
            new = f"block{position}.{kinds[rest[0]]}{int(rest[1]) + 1}.{rest[2]}"
        names["G." + new] = tensor
    for name, tensor in gan.discriminator.state_dict().items() if discriminator else ():
        parts = name.split(".")
        end = SPECTRAL.get(parts[-1], parts[-1])
        if parts[0] == "blocks":
            kind = "c_sc" if parts[2] == "shortcut" else f"c{int(parts[3]) + 1}"
            names[f"D.block{int(parts[1]) + 1}.{kind}.{end}"] = tensor
        else:
            names[f"D.{'l5' if parts[0] == 'score' else 'l_y'}.{end}"] = tensor
    return names


@pytest.mark.parametrize("rotation", [False, True])
def test_a_converted_file_is_the_model_that_was_written(rotation):
    torch.manual_seed(0)
    gan = SNGAN(replace(SMALL, rotation=rotation))
    converted = convert.mimicry(ForeignState(mimicry(gan)))
    assert converted.config == gan.config
    state = gan.state_dict()
    found = {f"generator.{name}": each for name, each in converted.generator.items()}
    found |= converted.rest
    assert found.keys() == state.keys()
    assert all(torch.equal(found[name], state[name]) for name in state)


DISTINCT = {(each.config, each.weights.converter): name for name, each in PUBLISHED.items()}


@pytest.mark.parametrize("name", DISTINCT.values())
def test_the_config_of_a_preset_is_that_of_the_published_file(name):
    """The files hold a generator alone."""
    preset = PUBLISHED[name]
    with without_memory():
        state = ForeignState(mimicry(SNGAN(preset.config), discriminator=False))
    kind = preset.weights.converter.partition(":")[2]
    assert getattr(convert, kind)(state).config == preset.config


def test_a_sigmoid_at_the_end_gives_the_same_images():
    gan = SNGAN(SMALL).eval()
    state = ForeignState(mimicry(gan, discriminator=False))
    latents = torch.randn(2, 3)
    official = gan.generator[:-1](latents).sigmoid()
    gan.generator.load_state_dict(convert.mimicry_sigmoid(state).generator)
    torch.testing.assert_close(gan.generator(latents), 2 * official - 1)
    assert convert.mimicry_sigmoid(ForeignState({"weight": torch.zeros(1)})) is None


def test_heads_that_iterate_in_each_pass_have_the_weight_of_that_pass():
    torch.manual_seed(0)
    gan = SNGAN(SMALL)
    state = mimicry(gan)
    weight, u = state.pop("D.l_y.weight_orig"), torch.randn(1, 4)
    del state["D.l_y.weight_u"], state["D.l_y.weight_v"]
    head = {"D.l_y.weight": weight, "D.l_y.sn_u": u, "D.l_y.sn_sigma": torch.ones(1)}
    converted = convert.mimicry(ForeignState(state | head))
    gan.load_state_dict(dict(converted.rest), strict=False)
    expected = fold_power_iteration(weight, u, 1e-12)
    torch.testing.assert_close(gan.eval().discriminator.rotation.weight, expected)


def test_files_without_spectral_norm_are_left_to_other_converters():
    plain = {name.replace("weight_orig", "weight"): t for name, t in mimicry(SNGAN(SMALL)).items()}
    assert convert.mimicry(ForeignState(plain)) is None
    assert convert.mimicry(ForeignState({"weight": torch.zeros(1)})) is None
    assert convert.mimicry_rotation(ForeignState({"weight": torch.zeros(1)})) is None


def test_an_unexpected_tensor_is_refused():
    state = mimicry(SNGAN(SMALL)) | {"G.attention.weight": torch.zeros(1)}
    with pytest.raises(WeightsError, match=r"unexpected tensor attention\.weight"):
        convert.mimicry(ForeignState(state))


def test_rotations_are_classes_of_the_second_head():
    """Chen et al. (2019): four rows, each turned by another angle; chance is the log of four."""
    gan = SNGAN(SMALL)
    turned = []

    def predict(images):
        turned.append(images)
        return torch.zeros(len(images), 4)

    gan.discriminator.predict_rotation = predict
    images = torch.randn(4, 3, 32, 32)
    loss = gan.discriminator_loss({"real": images}, images)["rotation"].item()
    assert loss == pytest.approx(log(4))
    for turns, (before, after) in enumerate(zip(images, turned[0], strict=True)):
        assert torch.equal(after, before.rot90(turns, (1, 2)))
    assert gan.generator_loss({}, images)["rotation"].item() == pytest.approx(0.2 * log(4))
    assert "rotation" not in SNGAN(replace(SMALL, rotation=False)).generator_loss({}, images)
