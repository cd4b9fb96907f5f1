"""Train the note classifier of the extractor ``tones`` and write it into the package.

    python train_ears.py            # fifteen seconds on one core

Prints the accuracy on the 2,000 test notes and the sha256 for the spec. Published scores depend on
these weights: use it to reproduce them, not to replace them.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import torch
import torch.nn.functional as F
from ganzoo_wavegan.hearing import WEIGHTS, Ears
from ganzoo_wavegan.notes import load
from safetensors.torch import save_file

from ganzoo import Dataset

BATCH = 100


def train(dataset: Dataset, epochs: int) -> Ears:
    """Train with AdamW and a one-cycle learning rate; notes get a random gain and noise."""
    torch.manual_seed(0)
    network = Ears()
    steps = epochs * len(dataset) // BATCH
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps)
    for step in range(steps):
        rows = dataset.rows(torch.randint(len(dataset), (BATCH,)))
        gain = 0.5 + 0.6 * torch.rand(BATCH, 1, 1)
        noise = 0.03 * torch.rand(BATCH, 1, 1) * torch.randn_like(rows["real"])
        loss = F.cross_entropy(network(gain * rows["real"] + noise).logits, rows["label"])
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        schedule.step()
        if step % 100 == 0:
            print(f"step {step} of {steps}, loss {loss.item():.4f}", flush=True)  # noqa: T201
    return network.eval()


def accuracy(network: Ears, dataset: Dataset) -> float:
    """Fraction of notes that are classified correctly."""
    rows = dataset.rows(torch.arange(len(dataset)))
    with torch.no_grad():
        predicted = network(rows["real"]).logits.argmax(1)
    return float((predicted == rows["label"]).float().mean())


def main() -> None:
    """Train, print the accuracy, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    network = train(load("train"), arguments.epochs)
    print(f"test accuracy {accuracy(network, load('test')):.4f}")  # noqa: T201
    save_file(network.state_dict(), arguments.out, {"format": "pt"})
    print(f"sha256 {hashlib.sha256(arguments.out.read_bytes()).hexdigest()}")  # noqa: T201


if __name__ == "__main__":
    main()
