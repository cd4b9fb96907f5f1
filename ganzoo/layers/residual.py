"""Residual generators and discriminators (Gulrajani et al. 2017, Miyato et al. 2018)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from ganzoo.layers.blocks import DownBlock, Norm, UpBlock, apply_spectral_norm
from ganzoo.layers.initialization import glorot_init


class ResidualGenerator(nn.Module):
    """A linear layer, up blocks and a convolution: (N, latent) to (N, channels, H, W) in [-1, 1].

    Args:
        channels, size: of the images.
        latent: latent dimension.
        widths: feature maps before and after each block; each block doubles the size.
        norm: makes the norms of the blocks; what `forward` gets beside the latents goes to them.
        upsampling: interpolation of the blocks, ``"nearest"`` or ``"bilinear"``.
        eps: of the last norm.
    """

    def __init__(
        self,
        channels: int,
        size: int,
        latent: int,
        widths: Sequence[int],
        norm: Norm = nn.BatchNorm2d,
        *,
        upsampling: str = "nearest",
        eps: float = 1e-5,
    ) -> None:
        super().__init__()
        first, last = widths[0], widths[-1]
        start = size // 2 ** (len(widths) - 1)
        self.start = nn.Sequential(
            glorot_init(nn.Linear(latent, first * start**2)),
            nn.Unflatten(1, (first, start, start)),
        )
        self.blocks = nn.Sequential(
            *[UpBlock(*pair, norm, upsampling=upsampling) for pair in pairwise(widths)]
        )
        self.end = nn.Sequential(
            nn.BatchNorm2d(last, eps),
            nn.ReLU(),
            glorot_init(nn.Conv2d(last, channels, 3, padding=1)),
            nn.Tanh(),
        )

    def forward(self, latent: Tensor, *conditions: Tensor) -> Tensor:
        maps = self.start(latent)
        for block in self.blocks:
            maps = block(maps, *conditions)
        images: Tensor = self.end(maps)
        return images

    def flatten(self) -> nn.Sequential:
        """The same layers in one chain, numbered from 0; for models without conditions."""
        return nn.Sequential(*self.start, *self.blocks, *self.end)


class ResidualDiscriminator(nn.Module):
    """Down blocks, a sum over pixels and a linear layer, with spectral norm (Miyato et al. 2018).

    (N, channels, H, W), and labels (N,) if there are classes, to (N, 1) scores. With classes, the
    inner product of the features and the label's embedding is added: the projection of Miyato and
    Koyama (2018).

    Args:
        channels: of the images.
        widths: feature maps after each block.
        halvings: blocks that halve the size, the first ones.
        classes: number of classes; 0: unconditional.
        bias: of the last layer.
        relu_shortcut: shortcuts start after the ReLU, see `DownBlock`.
    """

    def __init__(
        self,
        channels: int,
        widths: Sequence[int],
        halvings: int,
        classes: int = 0,
        *,
        bias: bool = False,
        relu_shortcut: bool = False,
    ) -> None:
        super().__init__()
        blocks = down_blocks(channels, widths, halvings, relu_shortcut=relu_shortcut)
        self.blocks = nn.Sequential(*blocks, nn.ReLU())
        self.score = glorot_init(nn.Linear(widths[-1], 1, bias=bias))
        self.classes = glorot_init(nn.Embedding(classes, widths[-1])) if classes else None
        apply_spectral_norm(self)

    def forward(self, images: Tensor, label: Tensor | None = None) -> Tensor:
        features = self.blocks(images).sum((2, 3))
        score: Tensor = self.score(features)
        if self.classes is None:
            return score
        projection: Tensor = (self.classes(label) * features).sum(1, keepdim=True)
        return score + projection


def down_blocks(
    channels: int, widths: Sequence[int], halvings: int, *, relu_shortcut: bool = False
) -> list[DownBlock]:
    """A block for each width; the first ``halvings`` of them halve the size."""
    return [
        DownBlock(*pair, downsample=index < halvings, first=index == 0, relu_shortcut=relu_shortcut)
        for index, pair in enumerate(pairwise((channels, *widths)))
    ]
