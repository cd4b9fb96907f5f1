"""Export every packaged model, and store the largest difference from its own samples.

python -m benchmarks.exports --to onnx
"""

from __future__ import annotations

import argparse
import json
import tempfile
from importlib import metadata
from pathlib import Path

from ganzoo import hub, registry
from ganzoo.errors import GanzooError

RESULT = Path(__file__).parent / "exports.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", default="onnx", choices=["onnx", "torch-export"])
    to = parser.parse_args().to
    packages = ["torch", *(["onnxruntime"] if to == "onnx" else [])]
    rows = []
    for model in packaged():
        with tempfile.TemporaryDirectory() as folder:
            row: dict[str, object] = {"model": model.name}
            try:
                path = Path(folder) / "model.bin"
                made = hub.export_network(hub.open_model(model), path, to)
                row["relative"] = float(f"{made.relative:.1e}")
                row["bytes"] = path.stat().st_size
            except GanzooError as error:
                row["reason"] = str(error)
        rows.append(row)
        print(row, flush=True)
    result = {"to": to, "versions": {each: metadata.version(each) for each in packages}}
    RESULT.write_text(json.dumps({**result, "models": rows}, indent=1) + "\n")


def packaged() -> list[registry.Model]:
    """Models whose weights are in the package."""
    found = [registry.resolve(name) for name in registry.list_models("*.*")]
    places = [(model, model.packaged) for model in found]
    return [model for model, place in places if place and (place / hub.WEIGHTS).exists()]


if __name__ == "__main__":
    main()
