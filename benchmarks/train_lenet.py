"""Train the digit classifier whose features score digits, and write it into the package.

    python benchmarks/train_lenet.py            # about four minutes on two cores

Prints the accuracy on the 10,000 test digits and the sha256 that `ganzoo/evaluation/protocols.py`
stores. Published scores depend on these weights: run it to reproduce them, not to improve them.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from ganzoo.data import Batches, Dataset, load_data
from ganzoo.evaluation.extractors import LeNet
from ganzoo.evaluation.extractors.lookup import LENET_FILE
from ganzoo.runtime import seeds


def augment(images: torch.Tensor) -> torch.Tensor:
    """Digits rotated by up to 10 degrees, scaled by up to 10 % and shifted by up to 2 pixels."""
    count = len(images)
    angle = (torch.rand(count) * 2 - 1) * torch.pi / 18
    scale = 1 + (torch.rand(count) * 2 - 1) / 10
    shift = (torch.rand(count, 2) * 2 - 1) / 7
    rows = torch.stack(
        [
            torch.stack([angle.cos() * scale, -angle.sin() * scale, shift[:, 0]], 1),
            torch.stack([angle.sin() * scale, angle.cos() * scale, shift[:, 1]], 1),
        ],
        1,
    )
    grid = F.affine_grid(rows, list(images.shape), align_corners=False)
    return F.grid_sample(images + 1, grid, align_corners=False) - 1


def train(dataset: Dataset, epochs: int, size: int) -> LeNet:
    """AdamW with one cosine decay, on augmented digits."""
    torch.manual_seed(seeds.mix(0, "lenet"))
    network = LeNet()
    steps = epochs * len(dataset) // size
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    batches = Batches(dataset, size, seed=0, device=torch.device("cpu"))
    for step in range(steps):
        batch = batches.next()
        loss = F.cross_entropy(network(augment(batch["real"])).logits, batch["label"])
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        schedule.step()
        if step % 500 == 0:
            print(f"step {step} of {steps}, loss {loss.item():.4f}", flush=True)
    return network


def accuracy(network: LeNet, dataset: Dataset) -> float:
    """Share of digits that are classified correctly."""
    rows = dataset.rows(torch.arange(len(dataset)))
    with torch.no_grad():
        named = network(rows["real"]).logits.argmax(1)
    return float((named == rows["label"]).float().mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--out", type=Path, default=LENET_FILE)
    arguments = parser.parse_args()
    shape = (1, 28, 28)
    network = train(load_data("mnist", shape), arguments.epochs, size=128)
    print(f"test accuracy {accuracy(network, load_data('mnist', shape, 'test')):.4f}")
    save_file(network.state_dict(), arguments.out, {"format": "pt"})
    print(f"sha256 {hashlib.sha256(arguments.out.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
