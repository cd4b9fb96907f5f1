"""Data: named sets in memory, and endless, seeded, resumable batches of them."""

from ganzoo.data.batches import Batches
from ganzoo.data.dataset import Dataset
from ganzoo.data.load import load_data

__all__ = ["Batches", "Dataset", "load_data"]
