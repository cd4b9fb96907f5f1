"""The feature extractor ``tones``: a small classifier of the ten notes."""

from pathlib import Path

from torch import Tensor, nn

from ganzoo.evaluation.extractors import Features, load_verified
from ganzoo_wavegan import ears
from ganzoo_wavegan.notes import NOTES

WEIGHTS = Path(__file__).with_name("ears.safetensors")


class Ears(nn.Module):
    """Three convolutions and a mean over time; ``train_ears.py`` trains it."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv1d(1, 16, 25, stride=4, padding=12),
            nn.ReLU(),
            nn.Conv1d(16, 32, 25, stride=4, padding=12),
            nn.ReLU(),
            nn.Conv1d(32, 64, 9, stride=4, padding=4),
            nn.ReLU(),
            nn.AdaptiveAvgPool1d(1),
            nn.Flatten(),
        )
        self.classifier = nn.Linear(64, len(NOTES))

    def forward(self, waves: Tensor) -> Features:
        """Waveforms as float, (N, 1, T), in [-1, 1], to 64 features and 10 logits."""
        rows = self.features(waves)
        return Features(rows, self.classifier(rows))


def build() -> Ears:
    """The trained classifier.

    Raises:
        WeightsError: its file is missing or damaged.
    """
    network = Ears()
    network.load_state_dict(load_verified(WEIGHTS, ears.sha256))
    return network
