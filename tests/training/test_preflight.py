"""Checks before the first step."""

from __future__ import annotations

import pytest
import torch
from toys import CLASSES, TOYS

from ganzoo import registry
from ganzoo.data import Dataset
from ganzoo.errors import ConfigError, DataError
from ganzoo.training import Trainer, train

CONDITIONAL = [toy for toy in TOYS if toy.make().num_classes]


def labeled(dataset: Dataset, label: torch.Tensor | None, **facts: object) -> Dataset:
    """Rows with other labels, or without."""
    columns = {key: rows for key, rows in dataset.columns.items() if key != "label"}
    return Dataset("rows", columns if label is None else {**columns, "label": label}, **facts)


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
