"""Inputs of `GAN.sample`: what is accepted, and what is refused in one clear line."""

import numpy as np
import pytest
import torch
import toys

from ganzoo.errors import ConfigError, UnknownNameError

TOYS = {toy.name: toy for toy in toys.TOYS}
LATENT = torch.linspace(-1, 1, 4 * 6).reshape(4, 6)


def refused(gan, *arguments, **given):
    """The message, which is one line."""
    state = torch.get_rng_state()
    with pytest.raises(ConfigError) as caught:
        gan.sample(*arguments, **given)
    assert torch.equal(torch.get_rng_state(), state)
    (line,) = str(caught.value).splitlines()
    return line


@pytest.mark.parametrize(
    ("given", "offer"),
    [
        ({"latents": LATENT}, "did you mean latent?"),
        ({"z": LATENT}, "latent (latent vectors z"),
        ({"truncation": 0.7}, "This model takes latent"),
        ({"class_": 3}, "label (class index"),
        ({"batch": 3}, "This model takes"),
        ({"source": torch.zeros(4, 1, 8, 8)}, "This model takes"),
    ],
    ids=lambda each: str(next(iter(each))) if isinstance(each, dict) else "",
)
def test_undeclared_inputs_are_refused_with_what_the_model_takes(given, offer):
    line = refused(TOYS["conditional"].make(), 4, **given)
    assert line.startswith(f"sample() takes no {next(iter(given))!r}")
    assert offer in line


def test_a_model_without_labels_refuses_them():
    line = refused(TOYS["vanilla"].make(), label=3)
    assert "takes no 'label'. This model takes latent" in line
    assert "did you mean" not in line


def test_samples_refuses_before_the_first_batch_is_asked_for():
    with pytest.raises(ConfigError, match="takes no 'labels': did you mean label"):
        TOYS["conditional"].make().samples(4, given={"labels": 3})


def test_a_required_input_is_asked_for():
    line = refused(TOYS["pix2pix"].make(), 3)
    assert "without a source (images to translate)" in line


@pytest.mark.parametrize(
    "label",
    [
        2,
        np.int64(2),
        torch.tensor(2),
        [2, 2, 2, 2],
        (2, 2, 2, 2),
        np.array([2, 2, 2, 2], np.uint16),
        np.array([0, 2, 2, 2, 2])[:0:-1],
        torch.full((4,), 2, dtype=torch.uint8),
    ],
    ids=lambda each: type(each).__name__,
)
def test_a_label_may_be_a_number_a_list_an_array_or_a_tensor(label):
    gan = TOYS["conditional"].make()
    expected = gan.sample(4, seed=1, label=torch.full((4,), 2))
    assert torch.equal(gan.sample(4, seed=1, label=label), expected)


@pytest.mark.parametrize(
    ("label", "message"),
    [
        (4, "label=4: the labels of this model are 0 to 3"),
        (-1, "label=-1: the labels of this model are 0 to 3"),
        ([0, 1, 2, 7], "label=7: the labels of this model are 0 to 3"),
        ([0, 1], "sample(4): label has 2 rows, it must have 4"),
        (1.5, "label must be whole numbers, not float"),
        (torch.zeros(4), "label must be whole numbers, not float32"),
        (torch.zeros(4, 1, dtype=int), "label must have the shape (n,), not (4, 1)"),
        ([[0, 1], [2]], "label must be a number, or a tensor, an array or a list of numbers"),
    ],
    ids=str,
)
def test_a_wrong_label_is_one_line(label, message):
    assert message in refused(TOYS["conditional"].make(), 4, label=label)


def test_a_class_by_name_needs_names():
    with pytest.raises(UnknownNameError, match="this model has no names of classes"):
        TOYS["conditional"].make().sample(4, label="cat")


def test_latents_may_be_any_numbers_of_their_shape():
    gan = TOYS["vanilla"].make()
    expected = gan.sample(latent=LATENT)
    for latent in (LATENT.double(), LATENT.numpy(), LATENT.tolist(), list(LATENT)):
        assert torch.equal(gan.sample(latent=latent), expected)
    assert gan.sample(latent=torch.ones(2, 6, dtype=int)).shape == (2, *toys.IMAGE)
    assert not gan.sample(latent=LATENT.clone().requires_grad_()).requires_grad


@pytest.mark.parametrize(
    ("latent", "message"),
    [
        (LATENT[:, :5], "latent must have the shape (n, 6), not (4, 5)"),
        (LATENT[0], "latent must have the shape (n, 6), not (6,)"),
        (0.5, "latent must have the shape (n, 6), not ()"),
        (LATENT.to(torch.complex64), "latent must be float32, not complex64"),
        (LATENT[:3], "sample(4): latent has 3 rows, it must have 4"),
    ],
)
def test_a_wrong_latent_is_one_line(latent, message):
    assert message in refused(TOYS["vanilla"].make(), 4, latent=latent)


def test_bytes_are_no_source():
    source = np.zeros((2, 1, 8, 8), np.uint8)
    line = refused(TOYS["pix2pix"].make(), source=source)
    assert "source must be floats in [-1, 1], not uint8" in line


def test_a_mask_may_be_booleans():
    gan, source = TOYS["inpainting"].make(), torch.zeros(2, 1, 8, 8)
    mask = torch.arange(128).reshape(2, 1, 8, 8) % 3 == 0
    assert torch.equal(
        gan.sample(source=source, mask=mask), gan.sample(source=source, mask=mask.float())
    )


@pytest.mark.parametrize("n", [0, -1, 2.5, "4"])
def test_the_number_of_samples_is_a_whole_number(n):
    assert f"n={n!r}: expected a whole number from 1 on" == refused(TOYS["vanilla"].make(), n)


def test_conditions_of_data_are_those_that_the_model_takes():
    data = toys.pictures()
    assert TOYS["vanilla"].make().sample_conditions(data, 5, 0) == {}
    label = TOYS["conditional"].make().sample_conditions(data, 5, 0, (2, 4))["label"]
    assert torch.equal(label, data.sample_conditions(5, 0)["label"][2:4])
