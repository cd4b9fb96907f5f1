"""Page of `ganzoo explore`: controls for what a model takes, and its sample, with Gradio."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from ganzoo.errors import ConfigError, GanzooError
from ganzoo.sampling.explorer import DIRECTIONS, Choice, Explorer

INSTALL = 'ganzoo explore needs the package gradio: pip install "ganzoo-core[explore]"'


def check_gradio() -> None:
    """Check that Gradio is installed.

    Raises:
        ConfigError: it is not.
    """
    if importlib.util.find_spec("gradio") is None:
        raise ConfigError(INSTALL)


def build_page(explorer: Explorer) -> Any:
    """The page as Gradio's Blocks, to be launched.

    Raises:
        ConfigError: Gradio is not installed.
    """
    check_gradio()
    import gradio

    kind = explorer.gan.sample_spec.kind
    with gradio.Blocks(
        analytics_enabled=False, title=f"ganzoo: {explorer.name}", delete_cache=(600, 3600)
    ) as page:
        gradio.Markdown(f"# {explorer.name}")
        with gradio.Row():
            with gradio.Column():
                controls = _controls(gradio, explorer, kind)
            with gradio.Column():
                shown = _shown(gradio, kind)
                download = gradio.DownloadButton("Download")

        def show(*values: Any) -> tuple[Any, str]:
            try:
                named = dict(zip(controls, values, strict=True))
                path = explorer.write(to_choice(named, explorer.folder))
            except GanzooError as error:
                raise gradio.Error(str(error), print_exception=False) from None
            value = path.read_text(encoding="utf-8") if kind == "texts" else str(path)
            return value, str(path)

        inputs, outputs = list(controls.values()), [shown, download]
        if "source" in explorer.takes:
            button = gradio.Button("Generate", variant="primary")
            button.click(show, inputs, outputs, api_name="show")
        else:
            changes = [each.change for each in inputs]
            gradio.on([page.load, *changes], show, inputs, outputs, api_name="show")
    return page


def _controls(gradio: Any, explorer: Explorer, kind: str) -> dict[str, Any]:
    """Controls by the name of their part of a `Choice`."""
    made: dict[str, Any] = {"seed": gradio.Number(0, label="Seed", precision=0, minimum=0)}
    if classes := explorer.classes:
        choices = [("drawn by the seed", ""), *((name, name) for name in classes)]
        made["label"] = gradio.Dropdown(choices, value="", label="Class")
    if "truncation" in explorer.takes:
        made["truncation"] = gradio.Slider(0, 1, 1, step=0.05, label="Truncation")
    if explorer.space is not None:
        made["other_seed"] = gradio.Number(1, label="Second seed", precision=0, minimum=0)
        made["position"] = gradio.Slider(0, 1, 0, step=0.01, label="From seed to second seed")
        for index in range(min(DIRECTIONS, explorer.space.shape[-1])):
            label = f"Principal direction {index + 1}, in standard deviations"
            made[f"move{index}"] = gradio.Slider(-3, 3, 0, step=0.1, label=label)
    if "mask" in explorer.takes:
        made["painted"] = gradio.ImageMask(
            type="pil", label="Source; paint what is to be filled", brush=_brush(gradio, explorer)
        )
    elif "source" in explorer.takes and kind == "waveforms":
        made["source"] = gradio.Audio(type="filepath", label="Source")
    elif "source" in explorer.takes:
        made["source"] = gradio.Image(type="filepath", image_mode=None, label="Source")
    return made


def _brush(gradio: Any, explorer: Explorer) -> Any:
    """An eighth of the image wide, in a color that is seen on dark and on light images."""
    side = explorer.gan.sample_spec.shape[-1]
    size = max(1, side // 8) if side else "auto"
    return gradio.Brush(default_size=size, colors=["#ff3b30"], color_mode="fixed")


def _shown(gradio: Any, kind: str) -> Any:
    """Component that shows a sample of a kind."""
    if kind == "images":
        buttons = ["download", "fullscreen"]  # no "share", which uploads the picture
        return gradio.Image(
            type="filepath", format="png", height=448, label="Sample", buttons=buttons
        )
    if kind == "waveforms":
        return gradio.Audio(type="filepath", label="Sample")
    return gradio.Textbox(label="Sample") if kind == "texts" else gradio.File(label="Sample")


def to_choice(values: Mapping[str, Any], folder: Path) -> Choice:
    """A choice from the values of the controls; a painted image is written into the folder."""
    moves = [float(value or 0) for name, value in values.items() if name.startswith("move")]
    source, mask = values.get("source"), None
    if "painted" in values:
        source, mask = _painted(values["painted"], folder)
    truncation = values.get("truncation")
    return Choice(
        seed=int(values["seed"] or 0),
        other_seed=int(values.get("other_seed") or 0),
        position=float(values.get("position") or 0),
        truncation=1.0 if truncation is None else float(truncation),
        label=values.get("label") or "",
        moves=tuple(moves),
        source=Path(source) if source else None,
        mask=mask,
    )


def _painted(value: Mapping[str, Any] | None, folder: Path) -> tuple[Path | None, Path | None]:
    """Files of the source and of the mask from a painted image; None for what is missing."""
    if not value or value.get("background") is None:
        return None, None
    folder = Path(tempfile.mkdtemp(dir=folder))
    source, mask = folder / "source.png", folder / "mask.png"
    picture: Image.Image = value["background"].convert("RGB")
    red, green, blue = picture.split()
    is_gray = red.tobytes() == green.tobytes() == blue.tobytes()  # the browser sends RGBA
    (red if is_gray else picture).save(source)
    layers: list[Image.Image] = list(value.get("layers") or [])
    if not layers or layers[0].getchannel("A").getbbox() is None:
        return source, None
    layers[0].getchannel("A").point(lambda alpha: 255 * (alpha > 0)).save(mask)
    return source, mask
