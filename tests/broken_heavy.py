"""A plugin whose package imports numpy as soon as it is listed, and torch when it is built."""

import numpy

__all__ = ["numpy"]


def __getattr__(name):
    from broken import model

    return getattr(model, name)
