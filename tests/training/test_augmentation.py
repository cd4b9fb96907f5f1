"""Augmentation in a run: what is augmented, ADA's strength, exact resume, refusals."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from invoke import run as command
from tiny_runs import SMALL, assert_same_state, log, rows, run
from toys import PLAIN, TOYS

from ganzoo.data import Dataset
from ganzoo.errors import ConfigError
from ganzoo.runtime import checkpoint
from ganzoo.training import Trainer, plan
from ganzoo.training.augmented_discriminator import Augmentation
from ganzoo.training.preflight import try_phases

BY_NAME = {toy.name: toy for toy in TOYS}
IMAGES = [toy for toy in TOYS if toy.name not in ("audio", "text")]


@pytest.mark.parametrize("toy", IMAGES, ids=lambda toy: toy.name)
def test_every_kind_of_image_model_trains_with_it(toy):
    for method in ("diff", "ada"):
        trainer = Trainer(toy.make(), replace(toy.recipe, augment=method), toy.dataset())
        try_phases(trainer, 4)  # raises if nothing is augmented, or no real image is scored
        trainer.augmentation.p = 0.5
        trainer.step()
        assert all(torch.isfinite(torch.tensor(list(trainer.report().values()))))


def test_the_discriminator_sees_augmented_images_in_training_alone():
    toy = BY_NAME["vanilla"]
    trainer = Trainer(toy.make(), replace(PLAIN, augment="diff"), toy.dataset())
    seen = []
    trainer.gan.discriminator[0].register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    batch = trainer.batches.next()
    with trainer.augmentation.applied(batch, counts=True):
        trainer.gan.discriminator(batch["real"])
    trainer.gan.discriminator(batch["real"])
    assert not torch.equal(seen[0], batch["real"])
    assert torch.equal(seen[1], batch["real"])


def test_the_strength_of_ada_follows_the_sign_of_real_scores():
    augmentation = Augmentation(BY_NAME["vanilla"].make(), replace(PLAIN, augment="ada"))
    real = torch.tensor([True, True, True, False])

    def adjusted(*scores: float) -> float:
        for step in range(1, 5):
            augmentation.count(torch.tensor(scores), real)
            augmentation.adjust(step)
        return augmentation.p

    grown = adjusted(1.0, 2.0, 0.5, -9.0)
    assert grown == pytest.approx(4 * PLAIN.batch / 500_000)
    assert adjusted(1.0, 1.0, 1.0, 1.0) == pytest.approx(2 * grown)
    assert augmentation.report() == {"augment_p": round(2 * grown, 6), "augment_sign": 1.0}
    assert adjusted(1.0, 2.0, -0.5, 9.0) == pytest.approx(grown)  # a mean sign of 1/3
    assert adjusted(-1.0, -1.0, -1.0, 1.0) == adjusted(-1.0, -1.0, -1.0, 1.0) == 0.0


def test_only_real_rows_are_counted():
    augmentation = Augmentation(BY_NAME["conditional"].make(), replace(PLAIN, augment="ada"))
    real, fake = torch.rand(2, 4, 1, 8, 8)
    discriminator = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 1))
    augmentation._gan.discriminator = discriminator
    discriminator[1].weight.data.zero_()
    discriminator[1].bias.data.fill_(1.0)
    for images in (fake, torch.cat([real, fake]), real):
        with augmentation.applied({"real": real}, counts=True):
            discriminator(images)
    assert augmentation.state()["augment"]["signs"] == [8.0, 8.0]


def test_a_run_with_ada_resumes_exactly_and_logs_its_strength(tmp_path):
    white = Dataset("white", {"real": torch.full((64, 8, 8, 1), 255, dtype=torch.uint8)})
    fast = {"augment_kimg": "0.256", "optimizer.schedule": "constant", "optimizer.lr": "0.01"}
    given = {"augment": "ada", "data": white, "settings": {**SMALL, **fast}}
    run(tmp_path / "whole", 22, **given)
    run(tmp_path / "parts", 10, **given)  # between two adjustments
    run(tmp_path / "parts", 22, **given)
    assert_same_state(tmp_path / "whole", tmp_path / "parts")
    whole, parts = (checkpoint.load(tmp_path / each)[1] for each in ("whole", "parts"))
    assert whole["trainer"]["augment"] == parts["trainer"]["augment"]
    lines = {line["images"]: line for line in log(tmp_path / "whole")}
    strengths = {images: line["augment_p"] for images, line in lines.items()}
    assert strengths.keys() == {16, 32, 64, 128, 256}
    assert strengths[16] == strengths[32] == 0.0
    before = 0.0
    for images in (64, 128):  # one adjustment of a quarter each
        change = 0.25 if lines[images]["augment_sign"] > 0.6 else -0.25
        before = max(0.0, before + change)
        assert strengths[images] == before
    assert max(strengths.values()) > 0.0
    assert json.loads((tmp_path / "whole/config.json").read_text())["recipe"]["augment"] == "ada"


def test_the_option_sets_the_recipe_and_none_stays_the_default():
    assert plan("dcgan").recipe.augment == "none"
    assert plan("dcgan", settings={"augment": "diff"}).recipe.augment == "diff"
    _, shown, _ = command("train", "dcgan", "--augment", "ada", "--dry-run")
    assert json.loads(shown)["recipe"]["augment"] == "ada"


@pytest.mark.parametrize(
    ("name", "method", "reason"),
    [
        ("audio", "diff", "makes waveforms, and only images"),
        ("text", "ada", "makes texts, and only images"),
    ],
)
def test_sounds_and_texts_are_refused(name, method, reason):
    toy = BY_NAME[name]
    with pytest.raises(ConfigError, match=f"augment={method}: .*{reason}"):
        Trainer(toy.make(), replace(toy.recipe, augment=method), toy.dataset())


def test_a_critic_is_refused_with_its_reason(tmp_path):
    with pytest.raises(ConfigError, match=r"augment=ada: WGAN: .*--augment diff"):
        Trainer(plan("wgan").build(), plan("wgan", augment="ada").recipe, rows())


def test_a_discriminator_that_is_not_called_is_refused():
    toy = BY_NAME["vanilla"]
    gan = toy.make()
    whole = gan.discriminator
    gan.discriminator_loss = lambda batch, fake: {"adv": whole.forward(fake).mean()}
    gan.generator_loss = lambda batch, fake: {"adv": whole.forward(fake).mean()}
    trainer = Trainer(gan, replace(PLAIN, augment="diff"), toy.dataset())
    with pytest.raises(ConfigError, match="do not call its discriminator with images"):
        try_phases(trainer, 4)
