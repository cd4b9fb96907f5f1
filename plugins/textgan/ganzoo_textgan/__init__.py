"""TextGAN: words by the Gumbel-softmax, a temperature that falls, a relativistic game.

After RelGAN (Nie et al. 2019), with an LSTM; maximum likelihood comes first, and may be all.
"""

from dataclasses import dataclass, replace
from typing import Annotated

from ganzoo import (
    DatasetSpec,
    Deviation,
    ExtractorSpec,
    ModelConfig,
    ModelSpec,
    Optimizer,
    Paper,
    Preset,
    Recipe,
    Weights,
)
from ganzoo.spec.fields import Above, AtLeast
from ganzoo.spec.protocol import Protocol


@dataclass(frozen=True)
class Config(ModelConfig):
    """What the networks are built from, and how likelihood and game share the training."""

    vocabulary: Annotated[
        int, AtLeast(3), "different words, the end and the unknown one among them"
    ] = 1000
    length: Annotated[int, AtLeast(5), "words of a text at most; longer ones are cut"] = 20
    embedding: Annotated[int, AtLeast(1), "numbers a word is to the generator"] = 64
    hidden: Annotated[int, AtLeast(1), "width of the generator's LSTM"] = 256
    views: Annotated[
        int, AtLeast(1), "ways in which the discriminator embeds a word, each with a logit"
    ] = 8
    view_width: Annotated[int, AtLeast(1), "numbers a word is in each of them"] = 4
    filters: Annotated[int, AtLeast(1), "of the discriminator, of each width from 2 to 5 words"] = (
        16
    )
    discriminator_updates: Annotated[
        int, AtLeast(1), "updates of the discriminator for one of the generator"
    ] = 3
    warm_up: Annotated[
        float, AtLeast(0), "thousands of texts learned by maximum likelihood first"
    ] = 190.0
    game: Annotated[
        float, AtLeast(0), "thousands of texts in the game after it; 0: likelihood alone"
    ] = 10.0
    sharpness: Annotated[
        float, AtLeast(1), "inverse temperature of the relaxed words at the end of it"
    ] = 100.0
    temperature: Annotated[
        float, Above(0), "of sampling; below 1: likelier words, less diverse"
    ] = 1.0


data = DatasetSpec(
    "ganzoo_textgan.grammar:load",
    "Sentences of 50 words, drawn from a small grammar whose probabilities are known.",
    "CC0-1.0",
)
tokens = ExtractorSpec(
    "ganzoo_textgan.scores:Tokens",
    "Texts as they are, for metrics that count words.",
    "Apache-2.0",
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
    summary="as texts-2k, and how probable the samples are under the grammar",
)

_small = Config(vocabulary=52, length=12, embedding=32, hidden=64, warm_up=285.0, game=15.0)
_likelihood = Recipe(
    data="grammar",
    kimg=100,
    optimizer=Optimizer(lr=5e-3, betas=(0.9, 0.999), schedule="cosine"),
)
_game = replace(
    _likelihood,
    kimg=300,
    optimizer=replace(_likelihood.optimizer, lr=3e-3, lr_end=3e-5),
    optimizers={"discriminator": Optimizer(lr=3e-4, betas=(0.9, 0.999))},
    ema_kimg=2,
)

spec = ModelSpec(
    model="ganzoo_textgan.model:TextGAN",
    summary="Texts word by word: an LSTM by maximum likelihood, then a game over relaxed words.",
    paper=Paper(
        "Nie et al.",
        2019,
        "RelGAN: Relational Generative Adversarial Networks for Text Generation",
        "https://openreview.net/forum?id=rJedV3R5tm",
    ),
    license="Apache-2.0",
    presets={
        "grammar": Preset(
            _small,
            _game,
            protocol=GRAMMAR,
            weights=Weights(
                "e5b4e743a23ec7081a4054959ef6e106621d7b9433ab350611b9e68266d12ca7", "Apache-2.0"
            ),
            description="sentences of a grammar that knows the probability of each",
        ),
        "grammar-mle": Preset(
            replace(_small, game=0.0),
            _likelihood,
            protocol=GRAMMAR,
            weights=Weights(
                "4c7893e158d34c7be4ee9975ce03462678ac1178f726c63def084439ad4cdac0", "Apache-2.0"
            ),
            description="the same generator by maximum likelihood alone: what a game has to beat",
        ),
        "file": Preset(
            Config(),
            replace(_game, data="text:corpus.txt", kimg=200),
            protocol=TEXTS,
            description="any file of text, a text a line: --data text:FILE",
        ),
    },
    deviations=(
        Deviation(
            "the generator is an LSTM, not a relational memory",
            "a small one comes within 0.1 nats of the grammar's entropy by likelihood alone",
        ),
        Deviation(
            "8 views of 4 numbers and 16 filters of each width, not 64 views of 1 and 300; the"
            " discriminator is updated 3 times for one of the generator, not 5 times",
            "a step of the game has to be cheap on a CPU: `--set views=64 --set view_width=1"
            " --set filters=300 --set discriminator_updates=5` are the paper's",
        ),
        Deviation(
            "one Adam serves likelihood and game, its rate going from 3e-3 down to 3e-5, instead of"
            " 1e-2 and then 1e-4; gradients are not clipped",
            "a module has one optimiser, so the game comes last, where the rate is low: of 2,000"
            " samples after games of 40 thousand sentences 34 % were distinct at 1e-4 (1e-3 for the"
            " discriminator), 68 % at 3e-5 (3e-4), one seed each",
        ),
        Deviation(
            "the likelihood ends at the end of a text, and nothing but the end follows it",
            "texts have different lengths, and padding is no word",
        ),
        Deviation(
            "the generator is averaged, in both parts",
            "as for all models of the library; the raw one is in the checkpoint",
        ),
        Deviation(
            "no claim that the game beats maximum likelihood: it does not",
            "it makes likelier sentences by making fewer different ones, as a lower temperature"
            " does, and less well. Of 4,000 samples 2.5 % were impossible and 88 % distinct after"
            " the game (temperature 1.1), 0.9 % and 88 % by likelihood alone (0.9), one seed each."
            " See the README, and Caccia et al. (2020)",
        ),
    ),
    healthy=(
        "likelihood/nll, in nats a text, falls to 12.1 on the grammar, whose entropy is 12.15;"
        " below that it learns its 10,000 sentences by heart. In the game discriminator/adv is 0.3"
        " to 0.7, generator/adv 0.7 to 2.5. A discriminator below 0.2 with a generator above 4 goes"
        " with samples that are a few sentences over and over: lower both rates."
    ),
    task="text-generation",
)
