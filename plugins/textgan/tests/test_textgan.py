"""TextGAN: generator, discriminator, adversarial training, the grammar and its oracle."""

import math
from collections import Counter
from dataclasses import replace
from functools import cache

import pytest
import torch
from ganzoo_textgan import GRAMMAR, Config, grammar, scores, spec
from ganzoo_textgan.model import TextGAN

import ganzoo
from ganzoo import Dataset
from ganzoo.errors import ConfigError, DataError
from ganzoo.testing import checks

SIZES = {"vocabulary": 7, "length": 6, "embedding": 3, "hidden": 4, "filters": 2}
GAME = Config(**SIZES, views=2, view_width=1, warm_up=0.0, game=1.0)
WORDS = ("", "<unk>", "a", "b", "c", "d", "e")

each_preset = pytest.mark.parametrize("preset", spec.presets.values(), ids=spec.presets.keys())


def small(**changes):
    torch.manual_seed(0)
    return TextGAN(replace(GAME, **changes))


def parameters(module):
    return sum(each.numel() for each in module.parameters())


def game():
    """Trainings of the checks are short: here they are of the game."""
    preset = spec.presets["grammar"]
    config = replace(preset.config, warm_up=0.0, discriminator_updates=2)
    return replace(spec, presets={"game": replace(preset, config=config)})


SAME = ("listing", "meta", "compile")
"""Checks that would repeat, at a price, those of the preset itself."""


@pytest.mark.parametrize(
    "check", [check for check in checks(game()) if check.name not in SAME], ids=str
)
def test_promise_of_the_game(check):
    check.run()


@pytest.mark.parametrize(
    ("config", "generator", "discriminator"),
    [
        (spec.presets["grammar"].config, 30_132, 17_417),
        (spec.presets["file"].config, 650_728, 47_753),
        # SeqGAN's LSTM of 333,320 and the second bias that torch's has; the discriminator of
        # weilinie/RelGAN, models/rmc_vanilla.py, for the oracle: 64 views of one number
        (
            Config(vocabulary=5000, embedding=32, hidden=32, views=64, view_width=1, filters=300),
            333_320 + 4 * 32,
            3_325_601,
        ),
    ],
    ids=["grammar", "file", "published"],
)
def test_parameter_counts(config, generator, discriminator):
    with torch.device("meta"):
        gan = TextGAN(config)
    assert parameters(gan.generator) == generator
    assert parameters(gan.discriminator) == discriminator


@each_preset
def test_shapes_on_the_meta_device(preset):
    config = preset.config
    with torch.device("meta"):
        gan = TextGAN(config)
        fake = gan.generate({"gumbel": torch.empty(2, config.length, config.vocabulary)})
        assert fake.shape == (2, config.length, config.vocabulary)
        assert gan.discriminator(fake).shape == (2, config.views)


@each_preset
def test_the_game_fills_what_the_warm_up_leaves(preset):
    config = preset.config
    assert preset.recipe.kimg == config.warm_up + config.game or not config.game


def test_samples_are_tokens_and_nothing_follows_an_end():
    gan = small()
    texts = gan.sample(500, seed=0)
    assert texts.shape == (500, *gan.sample_spec.shape) == (500, 6)
    assert (texts.dtype, texts.min(), texts.max()) == (torch.int64, 0, 6)
    ended = (texts == 0).cumsum(1) > 0
    assert (texts[ended] == 0).all()


@pytest.mark.parametrize("temperature", [1.0, 0.5, 2.0])
def test_words_are_drawn_from_the_softmax_at_a_temperature(temperature):
    """The largest of logits plus Gumbel noise is a draw from their softmax."""
    gan = small(temperature=temperature)
    p = torch.tensor([0.1, 0.05, 0.3, 0.2, 0.15, 0.12, 0.08])
    with torch.no_grad():
        gan.generator.output.weight.zero_()
        gan.generator.output.bias.copy_(p.log())
    found = torch.bincount(gan.sample(8000, seed=0)[:, 0], minlength=7) / 8000
    wanted = p ** (1 / temperature)
    torch.testing.assert_close(found, wanted / wanted.sum(), atol=0.02, rtol=0)


def test_the_temperature_is_of_sampling_not_of_the_game():
    batch = {"gumbel": small().prior(4)["gumbel"]}
    one, other = (small(temperature=t).train().generate(batch) for t in (1.0, 0.3))
    assert torch.equal(one, other)


def test_words_grow_sharper_over_the_game():
    """softmax(b (logits + g)) with b = b_max ^ share (Nie et al. 2019)."""
    gan = small(game=2.0, warm_up=1.0, sharpness=100.0)
    batch = gan.prior(64)
    torch.testing.assert_close(gan.generate(batch).sum(2), torch.ones(64, 6))
    first = gan.generate(batch)[:, 0].double()
    for images, sharpness in [(0, 1), (1000, 1), (2000, 10), (3000, 100), (9000, 100)]:
        gan.images = images
        powers = first**sharpness
        expected = powers / powers.sum(1, keepdim=True)
        found = gan.generate(batch)[:, 0].double()
        torch.testing.assert_close(found, expected, atol=1e-3, rtol=1e-3)


def test_the_game_reaches_the_generator_through_every_word():
    gan = small()
    batch = {"real": torch.randint(1, 7, (8, 6)), **gan.prior(8)}
    gan.generator_loss(batch, gan.generate(batch))["adv"].backward()
    for name, parameter in gan.generator.named_parameters():
        assert parameter.grad.abs().sum() > 0, name


def test_likelihood_counts_words_and_the_end_but_nothing_after():
    gan = small(game=0.0)
    with torch.no_grad():
        gan.generator.output.weight.zero_()
        gan.generator.output.bias.zero_()
    for text, counted in [([2, 3, 0, 0, 0, 0], 3), ([0] * 6, 1), ([2, 3, 4, 5, 6, 2], 6)]:
        loss = gan.likelihood({"real": torch.tensor([text])}, torch.empty(0))["nll"].item()
        assert loss == pytest.approx(counted * math.log(7))


def test_likelihood_is_that_of_what_is_sampled():
    """A text is as frequent among samples as its loss says it is probable."""
    gan = small(vocabulary=3, length=5)
    texts, counts = gan.sample(6000, seed=0).unique(dim=0, return_counts=True)
    frequent = counts > 300
    assert frequent.sum() > 2
    for text, count in zip(texts[frequent], counts[frequent].tolist(), strict=True):
        loss = gan.likelihood({"real": text[None]}, torch.empty(0))["nll"].item()
        assert count / 6000 == pytest.approx(math.exp(-loss), abs=0.02)


def test_likelihood_alone_is_one_phase():
    (phase,) = small(game=0.0).phases()
    assert phase.name == "likelihood"


def test_likelihood_ends_where_the_game_begins():
    gan = small(warm_up=1.5, discriminator_updates=3)
    likelihood, discriminator, generator = gan.phases()
    assert (likelihood.start, likelihood.end) == (0, 1500)
    assert (discriminator.start, discriminator.end) == (1500, math.inf)
    assert (generator.start, generator.end) == (1500, math.inf)
    assert [phase.repeat for phase in gan.phases()] == [1, 3, 1]
    assert likelihood.module is generator.module is gan.generator
    assert discriminator.module is gan.discriminator


def test_the_game_is_relativistic():
    """A reader that sees no difference pays log 2, and so does the writer; views count alike."""
    gan = small().eval()
    batch = {"real": torch.randint(7, (4, 6)), **gan.prior(4)}
    fake = gan.generate(batch)
    assert gan.discriminator(batch["real"]).shape == (4, gan.config.views)
    with torch.no_grad():
        gan.discriminator.head[-1].weight.zero_()
    for loss in (gan.discriminator_loss, gan.generator_loss):
        assert loss(batch, fake)["adv"].item() == pytest.approx(math.log(2))


def test_each_view_reads_with_the_same_filters():
    reader = small(views=2).discriminator.eval()
    text = torch.eye(7)[torch.randint(7, (1, 6))]
    with torch.no_grad():
        reader.embedding.weight[1] = reader.embedding.weight[0]
        one, other = reader(text)[0]
    torch.testing.assert_close(one, other)


# words


def named(words, *texts):
    places = {word: place for place, word in enumerate(words)}
    rows = torch.zeros(len(texts), 6, dtype=torch.int64)
    for row, text in zip(rows, texts, strict=True):
        row[: len(text.split())] = torch.tensor([places[word] for word in text.split()])
    return Dataset("named", {"real": rows}, words=words)


def test_the_first_texts_name_the_tokens():
    gan = small()
    assert gan.sample_spec.words == ()
    data = named(WORDS, "a b", "e")
    assert gan.prepare_data(data) is data
    assert gan.sample_spec.words == WORDS


def test_words_travel_with_the_weights():
    gan, fresh = small(), small()
    gan.prepare_data(named(("", "<unk>", "naïve", "日本"), "日本"))
    fresh.generator.load_state_dict(gan.generator.state_dict())
    assert fresh.sample_spec.words[:4] == ("", "<unk>", "naïve", "日本")


def test_words_of_other_texts_are_looked_up():
    gan = small()
    gan.prepare_data(named(WORDS, "a"))
    other = gan.prepare_data(named(("", "<unk>", "c", "x", "a"), "a c x", "c"))
    assert other.columns["real"].tolist() == [[2, 4, 1, 0, 0, 0], [4, 0, 0, 0, 0, 0]]
    assert other.words == WORDS


def test_words_beyond_the_vocabulary_are_unknown():
    gan = small(vocabulary=4)
    data = gan.prepare_data(named(WORDS, "a b c e"))
    assert data.columns["real"][0, :4].tolist() == [2, 3, 1, 1]
    assert gan.sample_spec.words == WORDS[:4]


def test_a_word_too_long_to_remember_is_unknown_always():
    words = ("", "<unk>", "a", "x" * 65, "y" * 64)
    gan = small()
    for _ in range(2):
        data = gan.prepare_data(named(words, f"a {words[3]} {words[4]}"))
        assert data.columns["real"][0, :3].tolist() == [2, 1, 4]


def test_a_token_without_a_word_is_never_written():
    gan = small()
    assert set(gan.sample(300, seed=0).unique().tolist()) == set(range(7))
    gan.prepare_data(named(WORDS[:4], "a b"))
    assert set(gan.sample(300, seed=0).unique().tolist()) <= set(range(4))
    real = {"real": torch.tensor([[2, 3, 0, 0, 0, 0]])}
    assert gan.likelihood(real, torch.empty(0))["nll"].isfinite()


def test_data_without_words_stays_as_it_is():
    data = Dataset("numbers", {"real": torch.zeros(3, 6, dtype=torch.int64)})
    gan = small()
    assert gan.prepare_data(data) is data
    assert gan.sample_spec.words == ()


# the grammar


def stacks():
    """All that may still be to come at some point of a sentence."""
    found, rest = set(), [(grammar.START,)]
    while rest:
        stack = rest.pop()
        if stack and stack not in found:
            found.add(stack)
            rest += [left for _, _, left in grammar.next_words(stack)]
    return found


def test_the_probabilities_of_what_comes_next_sum_to_one():
    for symbol in grammar.RULES:
        assert sum(share for share, _ in grammar.expansions(symbol)) == pytest.approx(1)
    for stack in stacks():
        assert sum(share for share, _, _ in grammar.next_words(stack)) == pytest.approx(1)


def test_a_sentence_has_the_product_of_its_rules():
    """every dog sleeps: ONE, every, no KIND, dog; no ASIDE; SLEEPS, sleeps; no HOW."""
    p = 0.6 * 0.2 * 0.6 * 0.3 * 0.6 * 0.5 * 0.4 * 0.7
    assert grammar.log_probability(["every", "dog", "sleeps"]) == pytest.approx(math.log(p))
    p = 0.4 * 0.5 * 0.12 * 0.25 * 0.2 * 0.5 * 0.4 * 0.5 * 0.4 * 0.5 * 0.4 * 0.6 * 0.1 * 0.15
    text = "the big cats near the house see a child slowly"
    assert grammar.log_probability(text.split()) == pytest.approx(math.log(p))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "dog",
        "the dog",
        "every dogs sleep",
        "two dogs sleeps",
        "the dog near the house sleep",
        "the dogs that see the cat sleeps",
        "a dog sleeps slowly often",
        "the <unk> sleeps",
    ],
)
def test_what_it_cannot_make_is_impossible(text):
    assert grammar.log_probability(text.split()) == -math.inf


@cache
def entropy(stack=(grammar.START,)):
    if not stack:
        return 0.0
    return sum(p * (entropy(left) - math.log(p)) for p, _, left in grammar.next_words(stack))


@pytest.fixture(scope="module")
def train():
    return grammar.load("train")


def test_the_data_are_its_sentences(train):
    test = grammar.load("test")
    assert train.columns["real"].shape == test.columns["real"].shape == (10_000, 12)
    assert len(train.words) == len(set(train.words)) == spec.presets["grammar"].config.vocabulary
    assert not torch.equal(train.columns["real"], test.columns["real"])
    with pytest.raises(DataError, match="no validation split"):
        grammar.load("validation")


def test_real_sentences_score_the_entropy(train):
    """Their mean -log p is its estimate, within three standard errors."""
    texts = scores.texts(train.columns["real"][:4000], grammar.WORDS)
    found = torch.tensor([-grammar.log_probability(text) for text in texts])
    assert found.isfinite().all()
    assert found.max() <= -grammar.rarest()
    assert found.mean().item() == pytest.approx(entropy(), abs=3 * found.std().item() / 4000**0.5)
    assert max(map(len, texts)) == grammar.LENGTH


# scores


def scored(rows, train, metric):
    metric.update(train.columns["real"][:500], real=True)
    metric.update(rows, real=False)
    return metric.compute()


def test_the_oracle_knows_the_impossible(train):
    good = train.columns["real"][:300]
    order = torch.rand(300, 12, generator=torch.Generator().manual_seed(0)).argsort(1)
    bad = good.gather(1, order)
    one, other = (scored(rows, train, scores.Oracle()) for rows in (good, bad))
    assert one["impossible"] == 0
    assert other["impossible"] > 0.9
    assert one["oracle"] < other["oracle"] <= -grammar.rarest()


def test_an_impossible_sentence_counts_as_the_rarest(train):
    words = {word: token for token, word in enumerate(grammar.WORDS)}
    rows = torch.zeros(2, 12, dtype=torch.int64)
    rows[:, :3] = torch.tensor(
        [[words[w] for w in t.split()] for t in ("every dog sleeps", "a a a")]
    )
    found = scored(rows, train, scores.Oracle())
    possible = grammar.log_probability(["every", "dog", "sleeps"])
    assert found["impossible"] == 0.5
    assert found["oracle"] == pytest.approx(-(possible + grammar.rarest()) / 2)


def test_the_oracle_is_silent_about_other_texts(train):
    metric = scores.Oracle.from_protocol(replace(GRAMMAR, data_sha256="0"))
    assert scored(train.columns["real"][:10], train, metric) == {}


def test_bleu_of_real_texts_is_high_and_of_nonsense_low(train):
    rows = train.columns["real"]
    same = scored(rows[:8], train, scores.Bleu())
    assert same == pytest.approx({"bleu2": 1, "bleu3": 1, "bleu4": 1})
    other = scored(rows[1000:1010], train, scores.Bleu())
    assert 1 > other["bleu2"] > other["bleu3"] > other["bleu4"] > 0
    nonsense = torch.randint(2, 52, (10, 12), generator=torch.Generator().manual_seed(0))
    assert scored(nonsense, train, scores.Bleu())["bleu2"] < other["bleu2"] / 2


def test_one_sentence_over_and_over_is_not_diverse(train):
    rows = train.columns["real"][:1].expand(20, -1)
    found = scored(rows, train, scores.Diversity())
    assert found == pytest.approx(
        {"selfbleu2": 1, "selfbleu3": 1, "selfbleu4": 1, "distinct": 1 / 20}
    )
    various = scored(train.columns["real"][:20], train, scores.Diversity())
    assert various["selfbleu4"] < 0.9
    assert various["distinct"] > 0.9


def test_a_model_is_scored_by_its_protocol():
    gan = ganzoo.create("textgan.grammar")
    found = ganzoo.evaluate(gan, protocol=GRAMMAR, data="grammar", n=8)
    assert Counter(label.rpartition("-")[2] for label in found.values) == {"tokens": 9}
    assert found.values["impossible-tokens"] == 1
    assert found.floor["impossible-tokens"] == 0
    assert found.floor["bleu4-tokens"] > found.values["bleu4-tokens"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"vocabulary": 2},
        {"length": 4},
        {"embedding": 0},
        {"hidden": 0},
        {"views": 0},
        {"view_width": 0},
        {"filters": 0},
        {"discriminator_updates": 0},
        {"warm_up": -1.0},
        {"game": -1.0},
        {"sharpness": 0.5},
        {"temperature": 0.0},
    ],
    ids=str,
)
def test_a_config_that_cannot_be_is_refused(wrong):
    (name,) = wrong
    with pytest.raises(ConfigError, match=name):
        Config(**wrong)
