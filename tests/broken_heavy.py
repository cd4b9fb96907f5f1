"""A plugin whose package imports torch as soon as it is listed."""

import torch
from broken.model import Sound

__all__ = ["Sound", "torch"]
