"""The public functions as a Python user meets them: wrong types, facts of a model, precision."""

import numpy as np
import pytest
import torch

import ganzoo


@pytest.fixture(scope="module")
def digits():
    return ganzoo.load("dcgan.mnist")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ganzoo.load(3), "source=3: expected the name of a model, hf-hub:user/repo"),
        (lambda: ganzoo.load(None), "source=None: expected the name of a model"),
        (lambda: ganzoo.load(""), "'' names nothing"),
        (lambda: ganzoo.load("dcgan", device=1.5), "no device 1.5"),
        (lambda: ganzoo.create(None), "model=None: expected the name of a model"),
        (lambda: ganzoo.info(3), "model=3: expected the name of a model"),
        (lambda: ganzoo.list_models(3), "pattern=3: expected a part of a name"),
        (lambda: ganzoo.train(None), "model=None: expected the name of a model"),
        (lambda: ganzoo.evaluate("dcgan", protocol="quick"), "gan='dcgan': expected a model"),
        (lambda: ganzoo.Dataset("mine", {"real": np.zeros((2, 4, 4, 1))}), "torch.as_tensor"),
    ],
)
def test_an_argument_of_another_type_is_one_line(call, message):
    with pytest.raises(ganzoo.GanzooError) as caught:
        call()
    (line,) = str(caught.value).splitlines()
    assert message in line


def test_arguments_of_evaluate_and_sample_are_checked_before_the_work(digits):
    for given in ({"n": "a"}, {"n": 1.5}, {"seed": "a"}, {"data": 5}, {"protocol": 5}):
        with pytest.raises(ganzoo.GanzooError, match=r"expected|no protocol 5"):
            ganzoo.evaluate(digits, **{"protocol": "quick", **given})
    for given in ({"seed": "a"}, {"batch": 0}, {"given": 5}, {"span": 5}, {"span": (2, 9)}):
        with pytest.raises(ganzoo.GanzooError, match=f"{next(iter(given))}=.*: expected"):
            digits.samples(3, **given)


def test_a_model_tells_its_facts(digits):
    assert (digits.name, digits.latent_dim, digits.num_classes) == ("dcgan.mnist", 100, 0)
    assert digits.card.startswith("---")
    assert "# dcgan.mnist" in digits.card
    fresh = ganzoo.create("cgan", latent="8", classes=np.int64(4))
    assert (fresh.name, fresh.latent_dim, fresh.num_classes) == ("cgan.mnist", 8, 4)
    assert fresh.card == ""


def test_samples_in_another_precision_are_nearly_the_same(digits):
    wanted = digits.sample(4, seed=0)
    try:
        assert (digits.half().sample(4, seed=0) - wanted).abs().max() < 0.05
        assert (digits.to(torch.float64).sample(4, seed=0) - wanted).abs().max() < 0.05
    finally:
        digits.float()


def test_a_model_that_is_called_names_what_to_call(digits):
    with pytest.raises(ganzoo.GanzooError, match=r"gan.sample\(n\) .* gan.compile\(\)"):
        digits(4)
