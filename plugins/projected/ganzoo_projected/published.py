"""Presets of published generators: Projected GAN's own, and FastGANs of the HugGAN community."""

from ganzoo import Optimizer, Preset, Recipe, Weights
from ganzoo_projected.config import Config

OPTIMIZER = Optimizer(lr=2e-4, betas=(0.0, 0.99))

PAPER = Config(noise=True)
"""The paper's networks at 256 x 256, with the noise of the official generator."""
FASTGAN = Config(size=1024, width=64, noise=True, variant="fastgan")

BUCKET = "https://s3.eu-central-1.amazonaws.com/avg-projects/projected_gan/models"
PAGE = "https://github.com/autonomousvision/projected-gan"

AUTHORS: dict[str, tuple[str, dict[str, float]]] = {
    "art-painting": ("paintings", {}),
    "bedroom": ("bedrooms of LSUN", {"FID50k": 1.52}),
    "church": ("churches of LSUN", {"FID50k": 1.59}),
    "cityscapes": ("street scenes", {}),
    "clevr": ("rendered solids", {}),
    "ffhq": ("faces", {"FID50k": 3.39}),
    "flowers": ("flowers", {}),
    "landscape": ("landscapes", {}),
    "pokemon": ("drawn creatures", {}),
}
"""By preset: the images, and the scores that the authors state."""

WIKIART = {
    "popart-huggan": (
        "popart",
        "fc975cd4031baccc2d6fb37f8a9fe74438fc5f9d",
        "604834e24f46941766e75ed5a3f4212f8b0ce029921bc1459d50a8599ad47689",
    ),
    "popart-hana-huggan": (
        "pop_art_hana",
        "65b6e239fcbb59366a7c2f83dc1539668e386105",
        "541b510468a17450e38b676580f054b7c29ea7c91ed2355979ed86084f291082",
    ),
    "color-field-hana-huggan": (
        "color_field_hana",
        "7f952f515856c2dfd298cceeffd4f908c434aa10",
        "4f840bf833c6b096d4f1111c6059aac743a132a8965d64231c2ddcf57be6e8d0",
    ),
    "color-field-huggan": ("color_field", "", ""),
    "abstract-expressionism-huggan": ("abstract_expressionism", "", ""),
    "abstract-expressionism-hana-huggan": (
        "abstract_expressionism_hana",
        "973a2aa187c6980984659635d07a13c0af2306c3",
        "",
    ),
}
"""Projected GANs trained on WikiArt, by preset: end of the repository's name, commit, hash.

Empty: not known, so the file is never downloaded.
"""

FEW_SHOT = {
    "shells": (
        "d5f7de2537e74dbdf9010795406473627643e320",
        "931a404dc1763761e7e04af6548c00dfe85b010aef0ec24628bb893ff7e02355",
    ),
    "aurora": (
        "f2de1b66a051d4011f508743a978f7edc3f6e77b",
        "e49a16de4bf82f288759f3fff955d1e6066faa7f61737ae67a2c00c715e04ef2",
    ),
    "grumpy-cat": (
        "a5d70f0a3baa52fb0facb98fe4d5978a30f27ea1",
        "57d6400efc255199b501adde670b36a9d6675a042544d0fd964c533e200f48c7",
    ),
    "moongate": (
        "eb7a4b7db30267de2f0c90e576a502b298832bd8",
        "9def6bd29c7fadc55798ed70609401e3fadfb615325292e68e9d4416b726b776",
    ),
    "painting": (
        "953a82517dc2a04b4ec81a6f63113255966fd1d0",
        "3edf66be8e44fcb85abafb5d6cf7c389b85d647ee5068ddf7a9da932c4889d4b",
    ),
    "fauvism-still-life": (
        "4a93bec8ad0e50eb07fce5e5fea2f244c1f67191",
        "048967585dc485580e5021d752aa768b49ed07e187590241ca93d83b2bad5168",
    ),
    "anime-face": (
        "c09b57e49d38ce43209c68eb94648ce3fe248246",
        "8b3a675b6129ef920027b2fc8ce9b7f64d538f848bfa90c1be43cb921dbd76cb",
    ),
    "universe": ("", ""),
}
"""FastGANs of few images, by the end of the repository's name: commit and hash, where known."""
FEW_SHOT_SIZE = 117073189


def preset(config: Config, weights: Weights, description: str) -> Preset:
    """A generator trained on a folder of images, as the paper trains."""
    recipe = Recipe(data="folder:images", kimg=10_000, optimizer=OPTIMIZER, ema_kimg=20)
    return Preset(config, recipe, weights=weights, description=f"{description}; published")


def authors(name: str, images: str, scores: dict[str, float]) -> Preset:
    """A generator of the paper's authors; they state no hash."""
    weights = Weights(
        "",
        license="MIT",
        url=f"{BUCKET}/{name.replace('-', '_')}.pkl",
        converter="ganzoo_projected.convert:projected",
        origin=PAGE,
        scores=scores,
    )
    return preset(PAPER, weights, f"{images}, 256 x 256, by the paper's authors")


def huggan(
    config: Config, repo: str, revision: str, sha256: str, converter: str, license_id: str
) -> Weights:
    """A generator of the HugGAN community."""
    page = f"https://huggingface.co/huggan/{repo}"
    return Weights(
        sha256,
        license=license_id,
        repo=f"huggan/{repo}",
        revision=revision,
        path="pytorch_model.bin",
        size=FEW_SHOT_SIZE if config is FASTGAN else 0,
        converter=f"ganzoo_projected.convert:{converter}",
        origin=page,
        terms="" if license_id == "MIT" else page,
    )


PRESETS = {
    **{f"{name}256": authors(name, *facts) for name, facts in AUTHORS.items()},
    **{
        name: preset(
            PAPER,
            huggan(PAPER, f"projected_gan_{repo}", revision, sha256, "projected", "unstated"),
            f"paintings of WikiArt ({repo}), 256 x 256, by the HugGAN community",
        )
        for name, (repo, revision, sha256) in WIKIART.items()
    },
    **{
        f"fastgan-{name}": preset(
            FASTGAN,
            huggan(FASTGAN, f"fastgan-few-shot-{name}", revision, sha256, "fastgan", "MIT"),
            f"{name.replace('-', ' ')}, 1024 x 1024, FastGAN by the HugGAN community",
        )
        for name, (revision, sha256) in FEW_SHOT.items()
    },
}
