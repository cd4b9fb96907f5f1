"""Generated parts about losses: the family and the healthy losses of each model."""

from __future__ import annotations

import re
from pathlib import Path

from markdown import table
from model_tables import by_architecture

PLUGINS = Path(__file__).resolve().parents[1] / "plugins"
FAMILIES = {
    "minimax_d": "minimax",
    "least_squares_d": "least squares",
    "hinge_d": "hinge",
    "wasserstein_d": "Wasserstein",
    "relativistic_d": "relativistic",
}
"""Family of the losses by the function of `ganzoo.losses` that the discriminator minimizes."""


def loss_blocks() -> dict[str, str]:
    """Tables by the name of their marker."""
    rows = [
        [f"[`{name}`](models/{name}.md)", ", ".join(families(presets[0].plugin.name)) or "its own"]
        for name, presets in by_architecture().items()
    ]
    healthy = [
        f"* [`{name}`](models/{name}.md): {presets[0].spec.healthy or 'not known yet.'}"
        for name, presets in by_architecture().items()
    ]
    return {"lossfamilies": table(["model", "losses"], rows), "healthy": "\n".join(healthy)}


def families(name: str) -> list[str]:
    """Families whose functions a plugin calls; several, if a setting chooses."""
    folder = "hifigan" if name == "bigvgan" else name
    paths = (PLUGINS / folder).glob("ganzoo_*/*.py")
    code = "".join(path.read_text() for path in paths)
    found = [family for function, family in FAMILIES.items() if re.search(rf"\b{function}\b", code)]
    return found or (["minimax"] if "softplus" in code else [])
