"""Shape and kind of samples."""

import pytest

from ganzoo import SampleSpec
from ganzoo.errors import ConfigError


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        (SampleSpec((3, 32, 32)), "images"),
        (SampleSpec((1, None, None)), "images"),
        (SampleSpec((2, 32, 32)), "arrays"),
        (SampleSpec((5,)), "arrays"),
        (SampleSpec((1, 64), rate=100), "waveforms"),
        (SampleSpec((5,), vocabulary=9), "texts"),
        (SampleSpec((1, 5, 5), vocabulary=9), "texts"),
    ],
)
def test_the_kind_of_samples(spec, kind):
    assert spec.kind == kind
    assert spec.is_image == (kind == "images")


def test_a_free_dimension_fits_any_size():
    free = SampleSpec((3, None, None))
    assert free.fits((3, 17, 400))
    assert not free.fits((1, 17, 400))
    assert not free.fits((3, 17))
    with pytest.raises(ConfigError, match=r"\(3, any, any\): say which size"):
        _ = free.fixed_shape
    assert SampleSpec((3, 8, 8)).fixed_shape == (3, 8, 8)
