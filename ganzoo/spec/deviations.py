"""Deviations from the paper that several models share."""

from ganzoo.spec.declarations import Deviation

AVERAGED_GENERATOR = Deviation(
    "the generator is averaged", "as in all models of ganzoo; the raw one is in the checkpoint"
)
EQUAL_BATCHES = Deviation(
    "the generator's batch is as large as the discriminator's, not twice as large",
    "a recipe has one batch size",
)
ONE_PASS = Deviation(
    "real and fake images pass the discriminator together, with one power iteration for both",
    "rows are independent, and computing the spectral norms once halves the cost",
)
CIFAR_DISCRIMINATOR_FIRST = Deviation(
    "cifar10: in a step the discriminator is updated before the generator, not after it",
    "one order for all models; this recipe has not been run to its end yet",
)
DECAY_AND_CENTER_CROP = Deviation(
    "the learning rate decays from the start, images are center-cropped",
    "the paper keeps the rate for the first half and crops at random; neither is an option here",
)
