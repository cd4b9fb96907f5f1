"""Fine-tuning from published weights: the first step starts from exactly those."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import ganzoo
from ganzoo import hub, training

PARITY = os.environ.get("GANZOO_PARITY", "")
FILE = Path(PARITY) / "stylegan2ada-uncond-generator" / "official.safetensors"


@pytest.mark.skipif(not PARITY or not FILE.exists(), reason="GANZOO_PARITY has no StyleGAN2-ADA")
def test_a_run_on_own_photos_starts_from_imported_weights(tmp_path):
    (tmp_path / "photos").mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (8, 40, 40, 3), dtype=np.uint8)
    for number, image in enumerate(noise):
        Image.fromarray(image).save(tmp_path / "photos" / f"{number}.png")
    hub.import_recognized(FILE, tmp_path / "imported")
    source = f"local-dir:{tmp_path / 'imported'}"
    weights = ganzoo.load(source)
    config = weights.config
    plan = training.plan(
        "stylegan2.folder256",
        settings={
            "size": config.size,
            "latent": config.latent,
            "w_dim": config.w_dim,
            "mapping": config.mapping,
            "widths": list(config.widths),
            "optimizer.lr": 1e-9,
            "ema_kimg": 0,
        },
        data=f"folder:{tmp_path / 'photos'}",
        batch=4,
        kimg=0.004,
        augment="ada",
        init=source,
        freeze=["discriminator:10"],
    )
    result = training.train(plan, out=tmp_path / "run", device="cpu")
    assert result.images == 4
    trained = ganzoo.load(f"local-dir:{result.folder}").generator.state_dict()
    for name, value in weights.generator.state_dict().items():
        if not name.endswith("w_avg"):
            torch.testing.assert_close(trained[name], value, rtol=0, atol=1e-8)
