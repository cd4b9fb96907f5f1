"""The data set ``digits-inverse`` and the extractor ``inverse-lenet``."""

import torch
from torch import Tensor, nn

from ganzoo import Dataset
from ganzoo.data import load_data
from ganzoo.evaluation.extractors import Features, load_extractor

NAME = "digits-inverse"
SHAPE = (1, 28, 28)


def load(split: str) -> Dataset:
    """Unpaired in ``train``, where no digit is on both sides; paired in ``test``."""
    mnist = load_data("mnist", SHAPE, split)
    digits = mnist.columns["real"]
    if split == "test":
        return Dataset(NAME, {"real": 255 - digits, "source": digits})
    order = torch.randperm(len(digits), generator=torch.Generator().manual_seed(0))
    real, source = order.chunk(2)
    columns = {"real": 255 - digits[real], "source": digits[source]}
    return Dataset(NAME, columns, unpaired=("source",))


class InverseLeNet(nn.Module):
    """ganzoo's digit classifier, applied to inverted images."""

    def __init__(self) -> None:
        super().__init__()
        self.classifier = load_extractor("lenet-mnist")

    def forward(self, images: Tensor) -> Features:
        """Features of inverted digits, float (N, 1, 28, 28) in [-1, 1]."""
        return self.classifier.to(images.device)(-images)
