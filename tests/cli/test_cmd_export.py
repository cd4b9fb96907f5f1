"""``ganzoo export``."""

import torch
from commands import (
    done,
    run,
)

from ganzoo import hub


def test_an_exported_folder_is_a_model_without_its_checkpoints(trained, here):
    done("export", trained, "-o", "whole")
    done("export", trained, "-o", "half", "--half")
    assert {path.name for path in (here / "whole").iterdir()} >= {"config.json", "README.md"}
    assert not list((here / "whole").glob("checkpoint*"))
    sizes = [(here / name / "model.safetensors").stat().st_size for name in ("whole", "half")]
    assert sizes[1] < 0.6 * sizes[0]
    one, other = (hub.load(f"local-dir:{name}").sample(4, seed=0) for name in ("whole", "half"))
    assert one.dtype == other.dtype == torch.float32
    torch.testing.assert_close(one, other, atol=0.02, rtol=0)
    result = run("export", trained, "-o", "half")
    assert result.exit_code == 1
    assert "not empty" in result.stderr
