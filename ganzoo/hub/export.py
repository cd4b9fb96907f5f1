"""Export of a run folder without its checkpoints and logs, for a package or a server."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from ganzoo.errors import RunError
from ganzoo.hub.card import read_license, spdx, write_card
from ganzoo.hub.model_folder import CONFIG, METRICS, WEIGHTS, load_folder, read_config, read_facts
from ganzoo.runtime.files import atomic_write
from ganzoo.runtime.paths import SAMPLES, user_path
from ganzoo.runtime.tensor_files import write_tensors


def export(run: Path, out: Path, *, half: bool = False, license_id: str = "") -> Path:
    """Write a model folder from a run folder: config, weights, scores, card, picture.

    Args:
        run: a run or model folder.
        out: the new folder.
        half: store weights in half precision, which halves the file; they are single precision
            again once loaded. Scores are not copied then, because they belong to other weights.
        license_id: license of the weights, an SPDX identifier; left out, that of the run's card.

    Raises:
        UsageError: a license that is no SPDX identifier.
        WeightsError: no model folder, or one that does not load.
        RunError: a weight beyond the range of half precision, or a folder that exists already or
            cannot be written.
    """
    run, out = user_path(run), user_path(out)
    model = read_config(run / CONFIG).resolve()
    load_folder(run, model=model)
    license_id = spdx(license_id) or read_license(run)
    if out.exists() and any(out.iterdir()):
        raise RunError(f"{out} is not empty: choose another folder")
    facts, tensors = read_facts(run / WEIGHTS), load_file(run / WEIGHTS)
    if half:
        facts = {**facts, "weights": "stored in half precision"}
        tensors = _halved(tensors)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with atomic_write(out / WEIGHTS) as temporary:
            write_tensors(temporary, tensors, facts)
        for name in (CONFIG, *SAMPLES, *(() if half else (METRICS,))):
            if (run / name).exists():
                shutil.copyfile(run / name, out / name)
        write_card(out, license_id=license_id, model=model)
    except OSError as error:
        raise RunError(f"cannot write {out}: {error.strerror or error}") from error
    return out


def _halved(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    made = {key: t.half() if t.is_floating_point() else t for key, t in tensors.items()}
    infinite = [key for key, t in made.items() if not torch.isfinite(t).all()]
    if infinite:
        raise RunError(f"{infinite[0]} has values beyond half precision: leave --half out")
    return made
