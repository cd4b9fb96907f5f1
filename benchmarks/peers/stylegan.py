"""Implementations of StyleGAN2 with the same widths: one training step, and samples, of each.

As a program, one of them in a process of its own, as `benchmarks.stylegan` starts it: it reads
orders, one number a line, and answers with wall-clock and processor seconds.

Peers' networks and losses are imported from their clones; the loop around their losses is written
here, without an averaged generator, which favors them.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock, patch

import torch
from ganzoo_stylegan2 import Config
from ganzoo_stylegan2.model import StyleGAN2
from PIL import Image
from torch import Tensor, nn

from benchmarks.peers.child import silence
from benchmarks.peers.clock import MissingError
from ganzoo import Optimizer, Recipe
from ganzoo.data.dataset import Dataset, as_uint8
from ganzoo.runtime.malloc import keep_freed_memory
from ganzoo.training import Trainer

R1_EVERY, PATH_EVERY = 16, 4
"""Steps between the regularizers, the same for all."""
SAMPLE = 100
"""Orders above this number are samples, the others are numbers of training steps."""
LR = 2.5e-3
IMAGES = 64


@dataclass(frozen=True)
class Setting:
    """Sizes that all implementations share.

    Args:
        base, most: base / resolution feature maps, at most `most`.
        size: of the images.
        batch: of training.
        peers: folder of the peers' clones.
    """

    base: int
    most: int
    size: int
    batch: int
    peers: Path

    @property
    def widths(self) -> dict[int, int]:
        """Feature maps by resolution."""
        sizes = [4 << level for level in range((self.size // 4).bit_length())]
        return {size: min(self.most, self.base // size) for size in sizes}

    def repository(self, name: str) -> Path:
        if not (self.peers / name).is_dir():
            raise MissingError(f"{name} is not in {self.peers.name}")
        return self.peers / name

    def images(self) -> Tensor:
        """Random images, uint8, (N, H, W, C)."""
        generator = torch.Generator().manual_seed(0)
        shape = (IMAGES, self.size, self.size, 3)
        return torch.randint(256, shape, generator=generator, dtype=torch.uint8)

    def batches(self) -> Iterator[Tensor]:
        """Prepared batches in [-1, 1], the same ones again and again."""
        images = self.images().permute(0, 3, 1, 2).float().contiguous() / 127.5 - 1
        while True:
            yield from torch.split(images, self.batch)


@dataclass(frozen=True)
class Program:
    """One implementation: a training step by number, and n samples as uint8."""

    step: Callable[[int], None]
    sample: Callable[[int], Tensor]


def ganzoo(setting: Setting, fresh: bool = False) -> Program:
    """ganzoo's trainer, with the averaged generator; `fresh`: new fakes for the generator."""
    config = Config(
        size=setting.size, widths=tuple(setting.widths.values()), group=setting.batch, r1=1.0
    )
    recipe = Recipe(
        data="random",
        kimg=25_000,
        batch=setting.batch,
        optimizer=Optimizer(lr=LR, betas=(0.0, 0.99)),
        fresh_fakes=fresh,
    )
    trainer = Trainer(StyleGAN2(config), recipe, Dataset("random", {"real": setting.images()}))

    def step(number: int) -> None:
        trainer.steps = number
        trainer.step()

    def sample(n: int) -> Tensor:
        trainer.gan.eval()
        (images,) = trainer.gan.samples(n, seed=0, batch=n)
        trainer.gan.train()
        return as_uint8(images)

    return Program(step, sample)


def fresh(setting: Setting) -> Program:
    """ganzoo with new fakes for the generator's update, as all peers have."""
    return ganzoo(setting, fresh=True)


def official(setting: Setting) -> Program:
    """stylegan2-ada-pytorch: its networks and its loss, on its path without compiled operations."""
    folder = setting.repository("stylegan2-ada-pytorch")
    with importable(folder):
        networks: Any = import_module("training.networks")
        loss: Any = import_module("training.loss")
    sizes = {"img_resolution": setting.size, "img_channels": 3}
    maps = {"channel_base": setting.base, "channel_max": setting.most, "num_fp16_res": 0}
    generator = networks.Generator(
        z_dim=512,
        c_dim=0,
        w_dim=512,
        mapping_kwargs={"num_layers": 8},
        synthesis_kwargs={**maps, "conv_clamp": 256},
        **sizes,
    )
    discriminator = networks.Discriminator(
        c_dim=0,
        conv_clamp=256,
        epilogue_kwargs={"mbstd_group_size": setting.batch},
        **sizes,
        **maps,
    )
    loss = loss.StyleGAN2Loss(
        device=torch.device("cpu"),
        G_mapping=generator.mapping,
        G_synthesis=generator.synthesis,
        D=discriminator,
        r1_gamma=1.0,
    )
    sides = {"G": (generator, adam(generator)), "D": (discriminator, adam(discriminator))}
    batches, labels = setting.batches(), torch.zeros(setting.batch, 0)

    def step(number: int) -> None:
        real = next(batches)
        for phase, interval in (
            ("Gmain", 1),
            ("Greg", PATH_EVERY),
            ("Dmain", 1),
            ("Dreg", R1_EVERY),
        ):
            if number % interval:
                continue
            network, optimizer = sides[phase[0]]
            optimizer.zero_grad()
            network.requires_grad_(True)
            latent = torch.randn(setting.batch, 512)
            loss.accumulate_gradients(
                phase=phase,
                real_img=real,
                real_c=labels,
                gen_z=latent,
                gen_c=labels,
                sync=True,
                gain=interval,
            )
            network.requires_grad_(False)
            optimizer.step()

    for network, _ in sides.values():
        network.requires_grad_(False)

    @torch.no_grad()
    def sample(n: int) -> Tensor:
        images = generator(torch.randn(n, 512), torch.zeros(n, 0), noise_mode="const")
        return as_uint8(images.clamp(-1, 1))

    return Program(step, sample)


def rosinality(setting: Setting) -> Program:
    """rosinality's stylegan2-pytorch, on its path without compiled operations."""
    folder = setting.repository("stylegan2-pytorch")
    for name in ("lmdb", "wandb"):
        if not find_spec(name):
            sys.modules[name] = MagicMock()
    with importable(folder), patch("torch.utils.cpp_extension.load", MagicMock()):
        model: Any = import_module("model")
        training: Any = import_module("train")
    widths = setting.widths

    class Narrow(model.Generator):  # type: ignore[misc] # the peer's class
        """Its generator, whose widths are no argument."""

        def __setattr__(self, name: str, value: Any) -> None:
            super().__setattr__(name, widths if name == "channels" else value)

    generator, discriminator = Narrow(setting.size, 512, 8), model.Discriminator(setting.size)
    sizes = list(reversed(widths))
    blocks = [model.ResBlock(widths[size], widths[size // 2]) for size in sizes[:-1]]
    discriminator.convs = nn.Sequential(model.ConvLayer(3, widths[setting.size], 1), *blocks)
    discriminator.final_conv = model.ConvLayer(widths[4] + 1, widths[4], 3)
    discriminator.final_linear = nn.Sequential(
        model.EqualLinear(widths[4] * 16, widths[4], activation="fused_lrelu"),
        model.EqualLinear(widths[4], 1),
    )
    adams = {"G": adam(generator), "D": adam(discriminator)}
    batches, state = setting.batches(), {"mean": torch.zeros(())}

    def update(side: str, loss: Tensor) -> None:
        adams[side].zero_grad()
        loss.backward()  # type: ignore[no-untyped-call] # torch's
        adams[side].step()

    def fakes(n: int, **options: bool) -> Any:
        return generator(training.mixing_noise(n, 512, 0.9, "cpu"), **options)

    def step(number: int) -> None:
        real = next(batches)
        training.requires_grad(generator, False)
        training.requires_grad(discriminator, True)
        fake = discriminator(fakes(setting.batch)[0])
        update("D", training.d_logistic_loss(discriminator(real), fake))
        if number % R1_EVERY == 0:
            real = real.clone().requires_grad_(True)
            penalty = training.d_r1_loss(discriminator(real), real)
            update("D", 0.5 * R1_EVERY * penalty)
        training.requires_grad(generator, True)
        training.requires_grad(discriminator, False)
        update("G", training.g_nonsaturating_loss(discriminator(fakes(setting.batch)[0])))
        if number % PATH_EVERY == 0:
            images, latents = fakes(setting.batch // 2, return_latents=True)
            path, state["mean"], _ = training.g_path_regularize(images, latents, state["mean"])
            update("G", 2 * PATH_EVERY * path)

    @torch.no_grad()
    def sample(n: int) -> Tensor:
        images, _ = generator([torch.randn(n, 512)], randomize_noise=False)
        return as_uint8(images.clamp(-1, 1))

    return Program(step, sample)


def lightweight(setting: Setting) -> Program:
    """lightweight-gan's Trainer and networks, another architecture, at most as many maps."""
    folder = setting.repository("lightweight-gan")
    with (
        importable(folder, setting.peers / "packages"),
        patch("torch.cuda.is_available", lambda: True),
    ):
        module: Any = import_module("lightweight_gan.lightweight_gan")
    module.torch = OnCpu()
    scratch = Path(tempfile.mkdtemp())
    (scratch / "images").mkdir()
    for number, image in enumerate(setting.images().numpy()):
        Image.fromarray(image).save(scratch / f"images/{number:03}.png")
    with patch("torch.nn.Module.cuda", lambda self, *_: self):
        trainer = module.Trainer(
            base_dir=str(scratch),
            image_size=setting.size,
            fmap_max=setting.most,
            batch_size=setting.batch,
            num_workers=0,
            aug_prob=0.0,
            save_every=10**9,
            evaluate_every=10**9,
            use_aim=False,
        )
        trainer.set_data_src(str(scratch / "images"))
        trainer.init_GAN()

    def step(number: int) -> None:
        trainer.steps = number + 1
        with patch("torch.Tensor.cuda", lambda self, *_: self):
            trainer.train()

    @torch.no_grad()
    def sample(n: int) -> Tensor:
        images: Tensor = trainer.GAN.GE.eval()(torch.randn(n, 256))
        return as_uint8(images.clamp(0, 1) * 2 - 1)

    return Program(step, sample)


class OnCpu:
    """torch, whose devices are all the CPU: lightweight-gan asks for CUDA by name."""

    def __getattr__(self, name: str) -> Any:
        return (lambda *_: torch.device("cpu")) if name == "device" else getattr(torch, name)


PROGRAMS: dict[str, Callable[[Setting], Program]] = {
    "ganzoo": ganzoo,
    "ganzoo, fresh fakes": fresh,
    "stylegan2-ada-pytorch": official,
    "stylegan2-ada-pytorch, ganzoo's malloc": official,
    "rosinality": rosinality,
    "lightweight-gan": lightweight,
}


def adam(network: nn.Module) -> torch.optim.Optimizer:
    """Adam as peers construct it."""
    return torch.optim.Adam(network.parameters(), LR, betas=(0.0, 0.99))


@contextmanager
def importable(*folders: Path) -> Iterator[None]:
    """Import from these folders first."""
    kept = list(sys.path)
    sys.path[:0] = [str(folder) for folder in folders]
    try:
        yield
    finally:
        sys.path[:] = kept


def main() -> None:
    """Run one program: NAME, PEERS, base, most, size, batch."""
    name, peers, *sizes = sys.argv[1:]
    orders, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    silence()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    if name.startswith("ganzoo") or name.endswith("ganzoo's malloc"):
        keep_freed_memory()
    base, most, size, batch = map(int, sizes)
    try:
        program = PROGRAMS[name](Setting(base, most, size, batch, Path(peers)))
        program.step(R1_EVERY)
        program.sample(1)
    except Exception as error:  # a peer may fail in any way
        answers.write(f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}\n")
        return
    answers.write("ready\n")
    answers.flush()
    for order in map(int, orders):
        wall, processors = time.perf_counter(), time.process_time()
        if order > SAMPLE:
            program.sample(order - SAMPLE)
        else:
            program.step(order)
        spent = time.perf_counter() - wall, time.process_time() - processors
        answers.write("{} {}\n".format(*spent))
        answers.flush()


if __name__ == "__main__":
    main()
