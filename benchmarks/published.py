"""Compare published networks with their authors' programs: ``python -m benchmarks.published``.

Real-ESRGAN's x4plus and general-x4v3 enlarge a picture of random pixels, and HiFi-GAN V1 makes
sound of a random spectrogram. All programs have the same random weights, one thread and no tiles,
and take turns in one process. Seconds are processor time, because other work on the machine changes
the elapsed time.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import date
from io import StringIO
from pathlib import Path
from statistics import median
from types import ModuleType, SimpleNamespace
from typing import Any

import torch

from benchmarks.workloads import result_file
from ganzoo.hub.conversion import ForeignState
from ganzoo.runtime.devices import device_name, move_to_device

Programs = dict[str, Callable[[], Any]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--peers", type=Path, required=True, help="folder of the clones")
    parser.add_argument("--only", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--size", type=int, default=128, help="edge of the picture")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of the sound")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cold", action="store_true", help="no round that warms up")
    parser.add_argument("--quick", action="store_true", help="one round of small sources")
    parser.add_argument("--out", type=Path, help="JSON file (default: in results/speed)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.quick:
        options.size, options.seconds, options.rounds = 32, 0.2, 1
    out = options.out or result_file("published", "cpu", options.quick)
    facts = json.loads(out.read_text()) if out.exists() else {"rows": []}
    facts |= {"device": device_name(torch.device("cpu")), "torch": torch.__version__}
    for name in options.only:
        torch.manual_seed(0)
        row = measure(NETWORKS[name](options), options.rounds, not options.cold)
        row |= {"network": name, "source": source_of(name, options), "rounds": options.rounds}
        others = [each for each in facts["rows"] if not same_measurement(each, row)]
        facts["rows"] = [*others, row]
        print(json.dumps(row), flush=True)
        facts["date"] = date.today().isoformat()
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(facts, indent=1) + "\n")
    return 0


def source_of(name: str, options: argparse.Namespace) -> str:
    if name == "hifigan.lj-v1":
        return f"{options.seconds:g} s"
    return f"{options.size} x {options.size}"


def same_measurement(row: dict[str, Any], other: dict[str, Any]) -> bool:
    """True if two rows are of the same network and source."""
    return all(row[key] == other[key] for key in ("network", "source"))


def measure(programs: Programs, rounds: int, warm: bool) -> dict[str, Any]:
    """Processor seconds of each program and ganzoo's speed ratios: medians over rounds.

    Args:
        programs: what is run, by name.
        rounds: turns of each.
        warm: a first round is not counted.
    """
    spent: dict[str, list[float]] = {name: [] for name in programs}
    results = {}
    for number in range(0 if warm else 1, rounds + 1):
        for name, program in programs.items():
            start = time.process_time()
            with redirect_stdout(StringIO()), torch.inference_mode():
                results[name] = program()
            if number:  # the first round warms up
                spent[name].append(time.process_time() - start)
    rows = []
    for name, values in spent.items():
        ratios = [theirs / ours for ours, theirs in zip(spent["ganzoo"], values, strict=True)]
        difference = (results[name] - results["ganzoo"]).abs().max().item()
        assert difference < 0.01, (name, difference)
        rows.append(
            {
                "program": name,
                "seconds": round(median(values), 3),
                "ganzoo_is_faster": round(median(ratios), 3),
                "difference": float(f"{difference:.1e}"),
            }
        )
    return {"programs": rows}


def enlargement(options: argparse.Namespace, name: str) -> Programs:
    """A network of Real-ESRGAN on pixels: uint8, (H, W, C), to floats, (C, H, W), in [0, 1]."""
    from ganzoo_esrgan import Config, convert
    from ganzoo_esrgan.model import ESRGAN

    architectures, enlarger = real_esrgan(options.peers)
    compact = name == "general-x4v3"
    network = (
        architectures.SRVGGNetCompact(num_conv=32, upscale=4)
        if compact
        else architectures.RRDBNet(3, 3)
    ).eval()
    state = network.state_dict()
    pixels = torch.randint(256, (options.size, options.size, 3), dtype=torch.uint8)
    source = pixels.permute(2, 0, 1)[None].float().div(127.5).sub(1)
    converted = (convert.compact if compact else convert.rrdb)(ForeignState(state))
    assert converted is not None
    assert isinstance(converted.config, Config)
    gan = ESRGAN(converted.config)
    gan.generator.load_state_dict(converted.generator)
    move_to_device(gan.eval(), torch.device("cpu"))

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "weights.pth"
        torch.save({"params": state}, file)
        official = enlarger(4, str(file), model=network, pre_pad=0)

    def by_official() -> torch.Tensor:
        large, _ = official.enhance(pixels.flip(2).numpy())  # blue first, as OpenCV reads files
        return torch.from_numpy(large).flip(2).permute(2, 0, 1) / 255

    def by_spandrel() -> torch.Tensor:
        large: torch.Tensor = other(source.add(1).div(2))
        return large[0].clamp(0, 1)

    def by_ganzoo() -> torch.Tensor:
        return gan.sample(source=source)[0].add(1).div(2)

    programs: Programs = {"Real-ESRGAN": by_official}
    if (spandrel := found("spandrel")) is not None:
        other = spandrel.ModelLoader("cpu").load_from_state_dict(dict(state)).eval()
        programs["spandrel"] = by_spandrel
    return {**programs, "ganzoo": by_ganzoo}


def real_esrgan(peers: Path) -> tuple[Any, Any]:
    """Architectures, and the class of Real-ESRGAN's inference program."""
    import torchvision.transforms.functional as transforms

    moved: Any = ModuleType("torchvision.transforms.functional_tensor")  # gone since 0.17
    moved.rgb_to_grayscale = transforms.rgb_to_grayscale
    sys.modules[moved.__name__] = moved
    for name, folder in (("basicsr", "BasicSR"), ("realesrgan", "Real-ESRGAN")):
        for package in (name, f"{name}.archs"):  # without their parts for training
            module = ModuleType(package)
            module.__path__ = [str(peers / folder / package.replace(".", "/"))]
            sys.modules[package] = module
    architectures = SimpleNamespace(
        RRDBNet=importlib.import_module("basicsr.archs.rrdbnet_arch").RRDBNet,
        SRVGGNetCompact=importlib.import_module("realesrgan.archs.srvgg_arch").SRVGGNetCompact,
    )
    return architectures, importlib.import_module("realesrgan.utils").RealESRGANer


def sound(options: argparse.Namespace) -> Programs:
    """HiFi-GAN V1 on a spectrogram: the official generator, weight norm removed and not."""
    from ganzoo_hifigan import convert
    from ganzoo_hifigan.configs import Config
    from ganzoo_hifigan.model import HiFiGAN

    folder = options.peers / "hifi-gan"
    sys.path.insert(0, str(folder))
    models = importlib.import_module("models")
    settings = SimpleNamespace(**json.loads((folder / "config_v1.json").read_text()))
    normalized, removed = (models.Generator(settings).eval() for _ in range(2))
    removed.load_state_dict(normalized.state_dict())
    converted = convert.hifigan(ForeignState(normalized.state_dict()))
    assert converted is not None
    assert isinstance(converted.config, Config)
    with redirect_stdout(StringIO()):
        removed.remove_weight_norm()
    gan = HiFiGAN(converted.config)
    gan.generator.load_state_dict(converted.generator)
    move_to_device(gan.eval(), torch.device("cpu"))
    frames = round(options.seconds * settings.sampling_rate / settings.hop_size)
    mels = torch.randn(1, settings.num_mels, frames)
    return {
        "HiFi-GAN": lambda: removed(mels),
        "HiFi-GAN, weight norm kept": lambda: normalized(mels),
        "ganzoo": lambda: gan.sample(source=mels),
    }


def found(package: str) -> Any:
    """A package, or None."""
    try:
        return importlib.import_module(package)
    except ImportError:
        return None


NETWORKS: dict[str, Callable[[argparse.Namespace], Programs]] = {
    "esrgan.x4plus": lambda options: enlargement(options, "x4plus"),
    "esrgan.general-x4v3": lambda options: enlargement(options, "general-x4v3"),
    "hifigan.lj-v1": sound,
}
"""Programs for each published network."""

if __name__ == "__main__":
    raise SystemExit(main())
