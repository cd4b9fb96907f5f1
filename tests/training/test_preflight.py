"""Checks before the first step."""

from __future__ import annotations

import re

import pytest
import torch
from tiny_runs import run
from torch import nn
from toys import CLASSES, TOYS

from ganzoo import registry
from ganzoo.data import Dataset
from ganzoo.errors import ConfigError, DataError
from ganzoo.training import Trainer, train
from ganzoo.training.preflight import check_batch

CONDITIONAL = [toy for toy in TOYS if toy.make().num_classes]


def labeled(dataset: Dataset, label: torch.Tensor | None, **facts: object) -> Dataset:
    """Rows with other labels, or without."""
    columns = {key: rows for key, rows in dataset.columns.items() if key != "label"}
    return Dataset("rows", columns if label is None else {**columns, "label": label}, **facts)


def digits() -> Dataset:
    return Dataset("digits", {"real": torch.zeros(12, 28, 28, 1, dtype=torch.uint8)})


@pytest.mark.parametrize("toy", CONDITIONAL, ids=lambda toy: toy.name)
def test_labels_that_a_toy_does_not_have_are_refused(toy):
    data = toy.dataset()
    for label in (None, torch.zeros(len(data)), torch.zeros(len(data), 1, dtype=torch.int64)):
        with pytest.raises(DataError, match="label"):
            Trainer(toy.make(), toy.recipe, labeled(data, label))
    label = torch.zeros(len(data), dtype=torch.int64)
    for wrong in (-1, CLASSES):
        label[-1] = wrong
        with pytest.raises(
            ConfigError, match=f"has label {wrong}, the model has {CLASSES} classes"
        ):
            Trainer(toy.make(), toy.recipe, labeled(data, label))


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        (CLASSES - 1, f"1 of the model's {CLASSES} classes have no row.*learned: {CLASSES - 1}"),
        (0, f"1 of the model's {CLASSES} classes have no row.*learned: 0$"),
    ],
)
def test_classes_without_a_row_are_named(missing, said, caplog):
    toy = CONDITIONAL[0]
    data = toy.dataset()
    label = torch.arange(len(data)) % CLASSES
    Trainer(toy.make(), toy.recipe, labeled(data, label))
    assert "no row" not in caplog.text
    label[label == missing] = 1
    Trainer(toy.make(), toy.recipe, labeled(data, label))
    assert re.search(said, caplog.messages[-1])


def has_classes(model: registry.Model) -> bool:
    return hasattr(model.preset.config, "classes")


@pytest.mark.parametrize(
    "name", [m.name for m in registry.models() if m.name.endswith(".mnist") and has_classes(m)]
)
def test_no_installed_model_trains_on_made_up_labels(name, tmp_path):
    real = torch.zeros(12, 28, 28, 1, dtype=torch.uint8)
    reason = "there is one folder of a class, cat"
    changes = {"settings": {"classes": "10"}, "device": "cpu", "out": tmp_path / "run"}
    with pytest.raises(DataError, match=f"no labels .{reason}., but the model learns 10 classes"):
        train(name, data=Dataset("cats", {"real": real}, unlabeled=reason), **changes)
    many = Dataset("many", {"real": real, "label": torch.arange(12)}, tuple("abcdefghijkl"))
    with pytest.raises(ConfigError, match=r"has label 11 \(l\), .* 0 to 9: use --set classes=12"):
        train(name, data=many, **changes)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("batch", "parts", "advice"),
    [
        (1, 1, "a batch of 1 is too small: .* use --batch 2 or more"),
        (4, 4, "a batch of 4 in 4 parts is too small: .* use --accumulate 2 or less, or --batch 8"),
    ],
)
def test_a_batch_norm_that_would_see_one_value_is_refused_before_anything_is_written(
    batch, parts, advice, tmp_path
):
    out = tmp_path / "run"
    changes = {"data": digits(), "batch": batch, "kimg": 0.004, "device": "cpu", "out": out}
    with pytest.raises(ConfigError, match=advice):
        train("context-encoder.mnist", accumulate=parts, **changes)
    assert not out.exists()


def test_a_batch_of_one_trains_where_no_layer_needs_more(tmp_path):
    assert run(tmp_path, 1, batch=1).images == 16


def test_a_map_of_one_pixel_that_an_instance_norm_would_see_is_refused():
    toy = next(toy for toy in TOYS if toy.name == "vanilla")
    gan = toy.make()
    gan.discriminator = nn.Sequential(nn.AvgPool2d(8), nn.InstanceNorm2d(1), nn.Conv2d(1, 1, 1))
    with pytest.raises(ConfigError, match="maps of 1 x 1 pixels"):
        check_batch(Trainer(gan, toy.recipe, toy.dataset()))


@pytest.mark.parametrize("toy", TOYS, ids=lambda toy: toy.name)
def test_the_check_of_the_batch_leaves_no_trace(toy):
    def state(check: bool) -> dict[str, torch.Tensor]:
        torch.manual_seed(0)
        trainer = Trainer(toy.make(), toy.recipe, toy.dataset())
        if check:
            check_batch(trainer)
        drawn = torch.rand(1)
        for _ in range(3):
            trainer.step()
        tensors, numbers = trainer.state()
        return {**tensors, "drawn": drawn, "rows": torch.tensor(numbers["drawn"])}

    plain, checked = state(False), state(True)
    assert [name for name in plain if not torch.equal(plain[name], checked[name])] == []
