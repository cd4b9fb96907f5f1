"""Published files of BigGAN-deep: names, configs, refusals."""

import re

import pytest
import torch
from ganzoo_biggan import Config, convert_deep, spec
from ganzoo_biggan.model import BigGAN

from ganzoo.errors import WeightsError
from ganzoo.hub.conversion import ForeignState

DEEP = Config(
    size=16,
    latent=4,
    classes=3,
    widths=(16, 16, 8, 8, 8),
    doublings=(2, 4),
    attention=(2,),
    embedding=3,
    hierarchical=False,
    statistics=5,
    eps=1e-4,
    discriminator_widths=(64,),
    discriminator_halvings=1,
    discriminator_attention=(),
)


def huggingface(gan):
    """A generator under the names of pytorch-pretrained-BigGAN."""
    parts = {
        r"^start\.0": "gen_z", r"^norm\.": "bn.", r"end\.1": "conv_to_rgb",
        r"norms\.(\d)\.": r"bn_\1.", r"\.norm\.": ".", r"(mean|var)$": r"running_\1s",
        r"\.gain\.": ".scale.", r"\.shift\.": ".offset.", r"convolutions\.": "conv_",
        "query": "snconv1x1_theta", "key": "snconv1x1_phi", "value": "snconv1x1_g",
        r"\.output\.": ".snconv1x1_o_conv.", r"\.gain$": ".gamma",
    }  # fmt: skip
    after = gan.config.attention[0]
    rows = [
        *parts.items(),
        (r"^blocks\.(\d+)", lambda m: f"layers.{int(m[1]) + (int(m[1]) >= after)}"),
        (r"^attention\.", "layers."),
    ]
    found = {}
    for name, tensor in gan.generator.state_dict().items():
        new, maps = name, gan.config.widths[0]
        for old, replacement in rows:
            new = re.sub(old, replacement, new)
        if name.startswith("start"):
            tensor = tensor.view(maps, 16, *tensor.shape[1:]).movedim(0, 1).flatten(0, 1)
        if name.startswith("end"):
            tensor = torch.cat(
                [tensor, tensor[:1].expand(gan.config.widths[-1] - 3, *tensor.shape[1:])]
            )
        if new.endswith("gamma"):
            tensor = tensor.view(1)
        if name == "embedding.weight":
            found["embeddings.weight"] = tensor.t()
        elif new.endswith("weight") and new != "bn.weight":
            matrix = tensor.flatten(1)
            u, v = torch.zeros(len(matrix)), torch.zeros(matrix.shape[1])
            u[0], v[0] = 1, 1 / matrix[0, 0]
            found |= {
                f"generator.{new}{end}": each
                for end, each in (("_orig", tensor), ("_u", u), ("_v", v))
            }
        else:
            found[f"generator.{new}"] = tensor
    return found


def test_a_converted_deep_generator_is_the_one_that_was_written():
    torch.manual_seed(0)
    gan = BigGAN(DEEP)
    converted = convert_deep.huggingface(ForeignState(huggingface(gan)))
    assert converted.config == gan.config
    state = gan.generator.state_dict()
    assert converted.generator.keys() == state.keys()
    for name, tensor in state.items():
        torch.testing.assert_close(converted.generator[name], tensor)


@pytest.mark.parametrize("size", [128, 256, 512])
def test_the_config_of_a_preset_is_that_of_the_published_file(size):
    config = spec.presets[f"imagenet{size}"].config
    with torch.device("meta"):
        state = ForeignState(huggingface(BigGAN(config)))
    assert convert_deep.huggingface(state).config == config


def test_blocks_that_double_the_size_are_those_of_the_constructor_where_it_is_known():
    layers = [[True, 16, 16], [True, 16, 8], [False, 8, 8], [False, 8, 8]]
    state = ForeignState(huggingface(BigGAN(DEEP)), {"layers": layers})
    assert convert_deep.huggingface(state).config.doublings == (1, 2)


def test_other_files_and_unexpected_tensors_are_refused():
    assert convert_deep.huggingface(ForeignState({"linear.weight": torch.zeros(1)})) is None
    state = huggingface(BigGAN(DEEP)) | {"generator.mapping.weight": torch.zeros(1)}
    with pytest.raises(WeightsError, match=r"unexpected tensor mapping\.weight"):
        convert_deep.huggingface(ForeignState(state))
