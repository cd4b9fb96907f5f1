"""Real-time factor of HiFi-GAN V1: ``python benchmarks/vocoder.py [SECONDS]``.

The same weights as 1-D convolutions with weight norm, without it, and as ganzoo runs them: 2-D
convolutions of height 1 in channels-last memory format. One thread, processor time, best of three,
the three forms in turn.
"""

from __future__ import annotations

import sys
import time

import torch
import torch.nn.functional as F
from ganzoo_hifigan import spec
from ganzoo_hifigan.configs import Config
from ganzoo_hifigan.generators import Generator
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from ganzoo.runtime.devices import move_to_device

REPEATS = 3


class OneDimensional(nn.Module):
    """A `Generator` whose convolutions are 1-D ones, as published."""

    def __init__(self, generator: Generator, normalized: bool) -> None:
        super().__init__()
        self.generator = generator
        self.layers = nn.ModuleDict()
        for name, layer in generator.named_modules():
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                flat = _flat(layer)
                key = name.replace(".", "/")
                self.layers[key] = weight_norm(flat) if normalized else flat

    def layer(self, name: str, maps: Tensor) -> Tensor:
        result: Tensor = self.layers[name](maps)
        return result

    def forward(self, mels: Tensor) -> Tensor:
        maps = self.layer("first", mels)
        stages, parallel = len(self.generator.ups), len(self.generator.blocks)
        parallel //= stages
        for stage in range(stages):
            maps = self.layer(f"ups/{stage}", F.leaky_relu(maps, 0.1))
            blocks = range(stage * parallel, (stage + 1) * parallel)
            maps = torch.stack([self.block(f"blocks/{block}", maps) for block in blocks]).mean(0)
        return self.layer("last", F.leaky_relu(maps)).tanh()

    def block(self, name: str, maps: Tensor) -> Tensor:
        for index in range(3):
            change = self.layer(f"{name}/dilated/{index}", F.leaky_relu(maps, 0.1))
            maps = maps + self.layer(f"{name}/plain/{index}", F.leaky_relu(change, 0.1))
        return maps


def _flat(layer: nn.Conv2d | nn.ConvTranspose2d) -> nn.Conv1d | nn.ConvTranspose1d:
    """The 1-D form of a layer of height 1."""
    inputs, outputs, kernel = layer.in_channels, layer.out_channels, layer.kernel_size[1]
    flat: nn.Conv1d | nn.ConvTranspose1d
    if isinstance(layer, nn.ConvTranspose2d):
        flat = nn.ConvTranspose1d(inputs, outputs, kernel, layer.stride[1], int(layer.padding[1]))
    else:
        padding, dilation = int(layer.padding[1]), layer.dilation[1]
        flat = nn.Conv1d(inputs, outputs, kernel, padding=padding, dilation=dilation)
    assert layer.bias is not None
    flat.load_state_dict({"weight": layer.weight[:, :, 0], "bias": layer.bias})
    return flat


def main(seconds: float) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    config = spec.presets["lj-v1"].config
    assert isinstance(config, Config)
    generator = Generator(config).eval()
    mels = torch.randn(1, config.mels, round(seconds * config.rate / config.hop))
    seconds = mels.shape[2] * config.hop / config.rate
    forms: dict[str, nn.Module] = {
        "1-D, weight norm": OneDimensional(generator, normalized=True).eval(),
        "1-D": OneDimensional(generator, normalized=False).eval(),
    }
    with torch.inference_mode():
        expected = forms["1-D"](mels)
        forms["ganzoo"] = move_to_device(generator, torch.device("cpu"))
        best = dict.fromkeys(forms, float("inf"))
        for _ in range(REPEATS):
            for name, form in forms.items():
                start = time.process_time()
                found = form(mels)
                best[name] = min(best[name], time.process_time() - start)
                assert (found - expected).abs().max() < 1e-5
    for name, taken in best.items():
        ratio = best["1-D"] / taken
        print(f"{name:18} {taken / seconds:.3f} s per second of sound, {ratio:.2f} x 1-D")


if __name__ == "__main__":
    main(float(sys.argv[1]) if sys.argv[1:] else 2.0)
