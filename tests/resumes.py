"""Run by torchrun: which models and families do not go on exactly where their state was taken."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent))

from toys import TOYS

from ganzoo import registry
from ganzoo.data import load_for_model
from ganzoo.data.catalog import EMBEDDED
from ganzoo.runtime import checkpoint, distributed, seeds
from ganzoo.training import Trainer, plan

CPU = torch.device("cpu")
ROWS, BATCH, STEPS = 64, 8, 2


def embedded() -> Iterator[str]:
    """The presets that learn what some package holds: no network is asked."""
    provided = {plugin.name for plugin in registry.installed(registry.DATASETS)}
    for model in registry.models():
        if model.preset.recipe.data in {EMBEDDED, *provided}:
            yield model.name


def of_model(name: str) -> Trainer:
    run = plan(name, batch=BATCH)
    with seeds.fork_rng(CPU, 0):
        gan = run.build()
    whole = load_for_model(gan, run.recipe.data)
    few = {key: rows[:ROWS] for key, rows in whole.columns.items()}
    return Trainer(gan, run.recipe, gan.prepare_data(replace(whole, columns=few)))


def resumes(make: Callable[[], Trainer], folder: Path) -> bool:
    """Whether steps, a checkpoint, and more steps are the same as all the steps at once."""
    whole, rest = make(), make()
    for _ in range(STEPS):
        whole.step()
    state = whole.state()
    if distributed.rank() == 0:
        checkpoint.save(folder, *state)
    found = distributed.broadcast(checkpoint.load(folder) if distributed.rank() == 0 else None)
    assert found is not None
    rest.load_state(*found)
    for _ in range(STEPS):
        whole.step()
        rest.step()
    (tensors, numbers), (others, other_numbers) = whole.state(), rest.state()
    same = tensors.keys() == others.keys() and numbers == other_numbers
    return same and all(torch.equal(tensors[key], others[key]) for key in tensors)


def main(folder: Path) -> None:
    makers: dict[str, Callable[[], Trainer]] = {
        name: lambda name=name: of_model(name) for name in embedded()
    }
    for toy in TOYS:
        makers[f"toy {toy.name}"] = lambda toy=toy: Trainer(toy.make(), toy.recipe, toy.dataset())
    for name, make in makers.items():
        failed = distributed.any_process(not resumes(make, folder / name.replace(" ", "-")))
        if distributed.rank() == 0:
            print(name, "differs" if failed else "same", flush=True)  # noqa: T201 # the test reads it


if __name__ == "__main__":
    with distributed.process_group(CPU):
        main(Path(sys.argv[1]))
