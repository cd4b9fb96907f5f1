"""TextGAN: Gumbel-softmax words and a relativistic loss, after RelGAN (Nie et al. 2019).

The generator is an LSTM. It is trained by maximum likelihood first, or only.
"""

from dataclasses import dataclass, replace
from typing import Annotated

from ganzoo import DatasetSpec, Deviation, ExtractorSpec, ModelConfig, ModelSpec, Optimizer, Paper
from ganzoo.spec import Preset, Protocol, Recipe, Weights
from ganzoo.spec.configs import Count, Weight
from ganzoo.spec.fields import Above, AtLeast


@dataclass(frozen=True)
class Config(ModelConfig):
    """Texts, networks, and the lengths of maximum likelihood and adversarial training."""

    vocabulary: Annotated[int, AtLeast(3), "number of words, with the end and unknown words"] = 1000
    length: Annotated[int, AtLeast(5), "words of a text at most; longer texts are cut"] = 20
    embedding: Annotated[Count, "dimension of the generator's word embedding"] = 64
    hidden: Annotated[Count, "width of the generator's LSTM"] = 256
    views: Annotated[Count, "word embeddings of the discriminator, each with a logit"] = 8
    view_width: Annotated[Count, "dimension of each of them"] = 4
    filters: Annotated[Count, "discriminator filters of each width, 2 to 5 words"] = 16
    discriminator_updates: Annotated[Count, "discriminator updates per generator update"] = 3
    warm_up: Annotated[Weight, "thousands of texts learned by maximum likelihood first"] = 190.0
    game: Annotated[Weight, "thousands of texts of adversarial training then; 0: none"] = 10.0
    sharpness: Annotated[float, AtLeast(1), "inverse temperature of relaxed words at the end"] = (
        100.0
    )
    temperature: Annotated[float, Above(0), "of sampling; below 1: likelier, less diverse"] = 1.0


data = DatasetSpec(
    "ganzoo_textgan.grammar:load",
    "Sentences of 50 words, drawn from a small grammar with known probabilities.",
    "CC0-1.0",
)
tokens = ExtractorSpec(
    "ganzoo_textgan.scores:Tokens", "Texts as they are, for metrics that count words.", "Apache-2.0"
)

TEXTS = Protocol(
    "texts-2k",
    extractor="tokens",
    n=2_000,
    metrics=("ganzoo_textgan.scores:bleu", "ganzoo_textgan.scores:diversity"),
    quantise="none",
    summary="BLEU of 100 samples against 200 real texts and against each other",
)
GRAMMAR = replace(
    TEXTS,
    name="grammar-2k",
    metrics=("ganzoo_textgan.scores:oracle", *TEXTS.metrics),
    summary="as texts-2k, and the likelihood of the samples under the grammar",
)

SMALL = Config(vocabulary=52, length=12, embedding=32, hidden=64, warm_up=285.0, game=15.0)
LIKELIHOOD = Recipe(
    data="grammar", kimg=100, optimizer=Optimizer(lr=5e-3, betas=(0.9, 0.999), schedule="cosine")
)
ADVERSARIAL = replace(
    LIKELIHOOD,
    kimg=300,
    optimizer=replace(LIKELIHOOD.optimizer, lr=3e-3, lr_end=3e-5),
    optimizers={"discriminator": Optimizer(lr=3e-4, betas=(0.9, 0.999))},
    ema_kimg=2,
)

spec = ModelSpec(
    model="ganzoo_textgan.model:TextGAN",
    summary="Texts word by word: an LSTM by maximum likelihood, then adversarial training.",
    paper=Paper(
        "Nie et al.",
        2019,
        "RelGAN: Relational Generative Adversarial Networks for Text Generation",
        "https://openreview.net/forum?id=rJedV3R5tm",
    ),
    license="Apache-2.0",
    presets={
        "grammar": Preset(
            SMALL,
            ADVERSARIAL,
            protocol=GRAMMAR,
            weights=Weights(
                "e5b4e743a23ec7081a4054959ef6e106621d7b9433ab350611b9e68266d12ca7", "Apache-2.0"
            ),
            description="sentences of a grammar that knows the probability of each",
        ),
        "grammar-mle": Preset(
            replace(SMALL, game=0.0),
            LIKELIHOOD,
            protocol=GRAMMAR,
            weights=Weights(
                "4c7893e158d34c7be4ee9975ce03462678ac1178f726c63def084439ad4cdac0", "Apache-2.0"
            ),
            description="the same generator by maximum likelihood alone, the baseline",
        ),
        "file": Preset(
            Config(),
            replace(ADVERSARIAL, data="text:corpus.txt", kimg=200),
            protocol=TEXTS,
            description="any text file, one text per line: --data text:FILE",
        ),
    },
    deviations=(
        Deviation(
            "the generator is an LSTM, not a relational memory",
            "a small one comes within 0.1 nats of the grammar's entropy by likelihood alone",
        ),
        Deviation(
            "8 views of dimension 4 and 16 filters of each width, not 64 of dimension 1 and 300; 3"
            " discriminator updates per generator update, not 5",
            "steps are cheap on a CPU; those of the paper are `--set views=64 --set view_width=1"
            " --set filters=300 --set discriminator_updates=5`",
        ),
        Deviation(
            "one Adam with a rate from 3e-3 to 3e-5 for both parts of training, instead of 1e-2 and"
            " then 1e-4; gradients are not clipped",
            "a module has one optimizer, so adversarial training comes last, where the rate is low:"
            " of 2,000 samples after 40 thousand sentences of it, 34 % were distinct at 1e-4 (1e-3"
            " for the discriminator), 68 % at 3e-5 (3e-4), one seed each",
        ),
        Deviation(
            "the likelihood ends at the end of a text, and only end tokens follow it",
            "texts have different lengths, and padding is not a word",
        ),
        Deviation(
            "the generator is averaged, in both parts",
            "as in all models of ganzoo; the raw one is in the checkpoint",
        ),
        Deviation(
            "no claim that adversarial training beats maximum likelihood: it does not",
            "its sentences are likelier because fewer are different, as at a lower temperature, and"
            " it does so less well. Of 4,000 samples 2.5 % were impossible and 88 % distinct after"
            " it (temperature 1.1), 0.9 % and 88 % by likelihood alone (0.9), one seed each. See"
            " the README and Caccia et al. (2020)",
        ),
    ),
    healthy="likelihood/nll, in nats per text, falls to 12.1 on the grammar, of entropy 12.15;"
    " below that it memorizes its 10,000 sentences. In adversarial training discriminator/adv is"
    " 0.3 to 0.7, generator/adv 0.7 to 2.5. With a discriminator below 0.2 and a generator above 4,"
    " samples are a few sentences over and over: lower both rates.",
    task="text-generation",
)
