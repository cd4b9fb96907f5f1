"""Resume every kind of model on two processes, and train some from their start.

    python tests/training/two_processes.py FOLDER [MODEL ...]

The processes are forks of one that has imported everything and read the data, which takes longer
than the steps; slow tests start theirs by torchrun.

Prints ``NAME same`` or ``NAME differs`` for each resume. Without names of models, these are the
toys and `vanilla.mnist`, and the generators of `SYNCED` are written to
``FOLDER/NAME.safetensors``, for a comparison with those of one process.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path

import torch
from safetensors.torch import save_file

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import sync_batch_norm
from toys import TOYS

from ganzoo.data import Dataset, load_for_model
from ganzoo.runtime import checkpoint, distributed, seeds
from ganzoo.runtime.tensor_files import cpu_copies
from ganzoo.spec import Optimizer
from ganzoo.training import Trainer, plan

CPU = torch.device("cpu")
ROWS, BATCH, STEPS = 64, 8, 1
SYNCED = {"vanilla": 8, "wgan-gp": 3, "vanilla augment=diff": 3, "vanilla augment=ada": 8}
"""Models, and their augmentation, that are trained on one process and on two, and for how many
steps."""


FIRST = "vanilla.mnist"
STEPS_OF_THEIR_OWN = (
    *("wgan-gp.mnist", "cyclegan.digits2inverse", "projected.mnist", "textgan.grammar"),
    *("stylegan2.mnist", "context-encoder.mnist", "cgan.mnist"),
)
"""Models whose steps differ in kind: phases, repeats, intervals, buffers, conditions, texts, as
those of the toys do. The conformance checks resume every model in one process."""


def of_model(name: str) -> Trainer:
    settings = {"backbone_weights": "random"} if name == "projected.mnist" else None
    augment = "ada" if name == FIRST else None
    run = plan(name, batch=BATCH, augment=augment, settings=settings)
    with seeds.fork_rng(CPU, 0):
        gan = run.build()
    return Trainer(gan, run.recipe, gan.prepare_data(first_rows(name)))


@cache
def first_rows(name: str) -> Dataset:
    """A few rows of a model's data; loading takes longer than the steps."""
    run = plan(name)
    whole = load_for_model(run.build(), run.recipe.data)
    return replace(whole, columns={key: rows[:ROWS] for key, rows in whole.columns.items()})


def resumes(make: Callable[[], Trainer], folder: Path) -> bool:
    """True if steps, a checkpoint and more steps equal all the steps at once."""
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


def generator(name: str) -> dict[str, torch.Tensor]:
    """Weights of a generator after some steps of gradient descent, with synchronized norms."""
    model, _, augment = name.partition(" augment=")
    run = plan(model, batch=32, augment=augment or None)
    recipe = replace(run.recipe, optimizer=Optimizer("sgd", lr=0.001), optimizers={})
    recipe = replace(recipe, augment_kimg=0.512)  # a quarter of ADA's strength every four steps
    with seeds.fork_rng(CPU, 0):
        gan = run.build()
    sync_batch_norm.convert(gan)
    trainer = Trainer(gan, recipe, load_for_model(gan, run.recipe.data))
    if trainer.augmentation.is_adaptive:
        trainer.augmentation.p = 0.5
    for _ in range(SYNCED[name]):
        trainer.step()
    strength = torch.tensor(trainer.augmentation.p)
    return {**cpu_copies(gan.generator.state_dict()), "augment_p": strength}


def main(folder: Path, models: list[str]) -> None:
    makers: dict[str, Callable[[], Trainer]] = {
        name: lambda name=name: of_model(name) for name in models or [FIRST]
    }
    for toy in () if models else TOYS:
        makers[f"toy {toy.name}"] = lambda toy=toy: Trainer(toy.make(), toy.recipe, toy.dataset())
    for name, make in makers.items():
        failed = distributed.any_process(not resumes(make, folder / name.replace(" ", "-")))
        if distributed.rank() == 0:
            print(name, "differs" if failed else "same", flush=True)  # noqa: T201 # the test reads it
    for name in () if models else SYNCED:
        weights = generator(name)
        if distributed.rank() == 0:
            save_file(weights, folder / f"{name}.safetensors")


def fork(models: list[str]) -> int:
    """Become two processes, with the environment that torchrun gives each; the id of the other."""
    for name in models or [FIRST]:
        first_rows(name)
    import_module("torch._dynamo")  # every optimizer does
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    other = os.fork()
    rank = 0 if other else 1
    places = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": 2, "MASTER_PORT": port}
    os.environ.update({key: str(value) for key, value in places.items()}, MASTER_ADDR="127.0.0.1")
    return other


if __name__ == "__main__":
    folder, *models = sys.argv[1:]
    other = fork(models)
    with distributed.process_group(CPU):
        main(Path(folder), models)
    if other:
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(other, 0)[1]))
