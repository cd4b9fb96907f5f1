"""Peers that are libraries: each trains the benchmark's own networks with its own trainer."""

from __future__ import annotations

import runpy
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from unittest.mock import MagicMock

import torch
from torch import nn

from benchmarks.peers.clock import MissingError, Task
from benchmarks.peers.data import pose
from benchmarks.peers.own import planned


def loader(task: Task, workers: int) -> Any:
    """A data loader as users of a library write it."""
    import torchvision
    from torchvision import transforms

    pose(task)
    half = (0.5,) * task.workload.channels
    steps = transforms.Compose([transforms.ToTensor(), transforms.Normalize(half, half)])
    dataset = torchvision.datasets.CIFAR10(root=".", transform=steps)
    batch = task.workload.batch
    return torch.utils.data.DataLoader(dataset, batch_size=batch, shuffle=True, num_workers=workers)


def installed(name: str) -> Any:
    """Import the package of a peer."""
    if not find_spec(name):
        raise MissingError(f"{name} is not installed: pip install {name}")
    return import_module(name)


def networks(task: Task) -> tuple[nn.Module, nn.Module, int]:
    gan = planned(task).build().train()
    return gan.generator, gan.discriminator, gan.config.latent


def wrapped(
    base: type[nn.Module], network: nn.Module, *given: object, **named: object
) -> nn.Module:
    """A network as a subclass of the class that the peer's trainer requires."""

    class Wrapped(base):  # type: ignore[misc, valid-type] # the peer's class is not known here
        def __init__(self) -> None:
            super().__init__(*given, **named)
            self.network = network

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            output: torch.Tensor = self.network(x)
            return output

    return Wrapped()


def torchgan(task: Task) -> None:
    """torchgan's Trainer and losses."""
    installed("torchgan")
    batches = loader(task, workers=2)
    models: Any = import_module("torchgan.models")
    losses: Any = import_module("torchgan.losses")
    trainer: Any = import_module("torchgan.trainer")
    generator, discriminator, latent = networks(task)
    kind = "Wasserstein" if task.workload.critic > 1 else "Minimax"
    terms = [
        getattr(losses, f"{kind}GeneratorLoss")(),
        getattr(losses, f"{kind}DiscriminatorLoss")(),
    ]
    terms += [losses.WassersteinGradientPenalty()] * (task.workload.critic > 1)
    rule = task.workload.recipe.optimizer
    adam = {"name": torch.optim.Adam, "args": {"lr": rule.lr, "betas": rule.betas}}
    sides = {
        "generator": lambda: wrapped(models.Generator, generator, latent, "none"),
        "discriminator": lambda: wrapped(
            models.Discriminator, discriminator, task.workload.channels, "none"
        ),
    }
    trainer.Trainer(
        {name: {"name": make, "optimizer": adam} for name, make in sides.items()},
        terms,
        device=task.device,
        ncritic=task.workload.critic,
        epochs=1,
        sample_size=64,
    )(batches)


def mimicry(task: Task) -> None:
    """mimicry's Trainer, and the train_step of its GAN or WGAN-GP."""
    folder = task.repository("mimicry", "https://github.com/kwotsin/mimicry")
    sys.path[:0] = [str(folder)]
    sys.modules["tensorflow"] = MagicMock()  # imported with the package, for scores alone
    if not find_spec("tensorboard"):
        sys.modules["torch.utils.tensorboard"] = MagicMock()
    batches = loader(task, workers=4)
    training: Any = import_module("torch_mimicry.training")
    wasserstein = task.workload.critic > 1
    place = "wgan_gp.wgan_gp_base" if wasserstein else "gan.gan"
    base: Any = import_module(f"torch_mimicry.nets.{place}")
    prefix = "WGANGPBase" if wasserstein else "Base"
    generator, discriminator, latent = networks(task)
    loss = "wasserstein" if wasserstein else "gan"
    maker, judge = getattr(base, f"{prefix}Generator"), getattr(base, f"{prefix}Discriminator")
    sides = (
        wrapped(judge, discriminator, ndf=64, loss_type=loss).to(task.device),
        wrapped(maker, generator, nz=latent, ngf=64, bottom_width=4, loss_type=loss).to(
            task.device
        ),
    )
    rule = task.workload.recipe.optimizer
    adams = [torch.optim.Adam(side.parameters(), rule.lr, betas=rule.betas) for side in sides]
    training.Trainer(
        *sides, *adams, batches, 10**6, n_dis=task.workload.critic, device=task.device
    ).train()


def lightning_gan(task: Task) -> None:
    """Lightning's GAN template under its Trainer (the template itself requires a GPU).

    Two workers instead of the data module's 16, which favors it on few cores.
    """
    url = "https://github.com/Lightning-AI/pytorch-lightning"
    folder = task.repository("pytorch-lightning", url)
    pose(task)
    installed("lightning")
    data: Any = import_module("lightning.pytorch.demos.mnist_datamodule")
    lightning: Any = import_module("lightning.pytorch")
    path = folder / "examples/pytorch/domain_templates/generative_adversarial_net.py"
    model = runpy.run_path(str(path), run_name="template")["GAN"]()
    trainer = lightning.Trainer(accelerator="auto", devices=1)
    trainer.fit(model, data.MNISTDataModule(batch_size=task.workload.batch, num_workers=2))
