"""The data set inside the package, and names that do not exist."""

import numpy as np
import pytest
import torch
from PIL import Image

from ganzoo.data import load_data
from ganzoo.data.images.decode import fit
from ganzoo.errors import ConfigError, UnknownNameError, UsageError


@pytest.mark.parametrize(("split", "length"), [("train", 60_000), ("test", 10_000)])
def test_mnist_is_all_there(split, length):
    data = load_data("mnist", (1, 28, 28), split)
    assert data.columns["real"].shape == (length, 28, 28, 1)
    assert data.columns["real"].dtype == torch.uint8
    assert (data.columns["label"].dtype, len(data)) == (torch.int64, length)
    assert torch.bincount(data.columns["label"]).min() > length // 12
    assert data.classes == tuple("0123456789")
    images = data.rows(torch.arange(100))["real"]
    assert images.shape == (100, 1, 28, 28)
    assert (images.min(), images.max()) == (-1, 1)


@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 16, 24), (1, 30, 7), (3, 28, 28)])
def test_mnist_in_another_shape(shape):
    plain, data = (load_data("mnist", each, "test") for each in ((1, 28, 28), shape))
    real = data.columns["real"]
    assert real.shape == (10_000, *shape[1:], shape[0])
    assert torch.equal(data.columns["label"], plain.columns["label"])
    assert torch.equal(real[..., :1].expand_as(real), real)
    for row in (0, 1, 4999, 9999):
        digit = Image.fromarray(plain.columns["real"][row, :, :, 0].numpy())
        assert np.array_equal(real[row].numpy(), fit(digit, shape))


@pytest.mark.parametrize("shape", [(2, 28, 28), (1, 0, 28), (28, 28), (1, 1, 28, 28)])
def test_a_shape_that_no_image_has_is_refused(shape):
    with pytest.raises(UsageError, match="mnist is images, the model makes arrays"):
        load_data("mnist", shape)


def test_names_that_do_not_exist_are_answered_with_those_that_do():
    with pytest.raises(UnknownNameError, match="did you mean mnist"):
        load_data("minst", (1, 28, 28))
    with pytest.raises(UnknownNameError, match="did you mean folder"):
        load_data("fodler:x", (1, 28, 28))
    with pytest.raises(ConfigError, match="train or test, not 'val'"):
        load_data("mnist", (1, 28, 28), "val")
