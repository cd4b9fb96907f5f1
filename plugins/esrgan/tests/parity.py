"""Answers of the esrgan plugin to official networks; see tests/parity.py."""

import parity
from ganzoo_esrgan import Config, convert
from ganzoo_esrgan.networks import UNetDiscriminator


def rrdb(case):
    converter = convert.rrdb_old if case.config.get("key_form") == "old" else convert.rrdb
    generator = parity.load("esrgan", converter, case.state()).generator
    return {
        "img": generator(case.inputs["img"]),
        "body": generator.body(generator.conv_first(unshuffled(generator, case.inputs["img"]))),
        "features": generator.features(case.inputs["img"]),
    }


def unshuffled(generator, images):
    import torch.nn.functional as F

    return F.pixel_unshuffle(images, generator.unshuffle)


def compact(case):
    gan = parity.load("esrgan", convert.compact, case.state())
    return {"img": gan.generator(case.inputs["img"])}


def discriminator(case):
    state = convert.discriminator(case.state())
    arguments = case.config["constructor"]
    network = UNetDiscriminator(arguments["num_in_ch"], arguments["num_feat"])
    network.load_state_dict(state)
    return {"logits": network.eval()(case.inputs["img"])}


FAMILIES = {"esrgan": rrdb, "srvgg": compact, "real-esrgan": discriminator}
SMALL = {
    "esrgan-x4": ("esrgan", Config(width=8, blocks=2, growth=4, discriminator_width=4)),
    "esrgan-x2": ("esrgan", Config(scale=2, unshuffle=2, width=8, blocks=1, growth=4)),
    "esrgan-compact": ("esrgan", Config(network="compact", scale=3, width=8, blocks=2)),
}
