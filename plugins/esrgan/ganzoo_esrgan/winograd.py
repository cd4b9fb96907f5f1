"""3 x 3 convolutions with a quarter of the multiplications: F(4 x 4, 3 x 3) of Lavin and Gray
(2016), https://arxiv.org/abs/1509.09308, for sampling on a CPU.

Results differ from those of direct convolutions by rounding.
"""

from __future__ import annotations

from math import prod

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EDGE = 4
"""Height and width of a block of outputs."""
POINTS = (EDGE + 2) ** 2
"""Size of a transformed block."""
GROWTH = POINTS / EDGE**2
"""Memory of transformed blocks, as a multiple of that of the blocks."""
FEWEST = 32
"""Channels below which the transformation of the maps takes longer than it saves."""
SMALLEST = 1024
"""Pixels below which the transformation of the weights takes longer than it saves."""

"""Transformations of a column or a row (Lavin and Gray 2016, section 4.3)."""
INPUT = torch.tensor(
    [
        [4.0, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ]
)
WEIGHT = torch.tensor(
    [
        [6.0, 0, 0],
        [-4, -4, -4],
        [-4, 4, -4],
        [1, 2, 4],
        [1, -2, 4],
        [0, 0, 24],
    ]
).div(24)
OUTPUT = torch.tensor(
    [
        [1.0, 1, 1, 1, 1, 0],
        [0, 1, -1, 2, -2, 0],
        [0, 1, 1, 4, 4, 0],
        [0, 1, -1, 8, -8, 1],
    ]
)


def is_faster(maps: Tensor) -> bool:
    """True where this was measured to be faster: many float32 maps on a processor with AVX2.

    Gradients and graphs are those of direct convolutions.
    """
    pixels = maps.shape[0] * maps.shape[2] * maps.shape[3]
    return (
        maps.device.type == "cpu"
        and maps.dtype == torch.float32
        and maps.shape[1] >= FEWEST
        and pixels >= SMALLEST
        and torch.backends.cpu.get_cpu_capability() == "AVX2"
        and not torch.is_grad_enabled()
        and not torch.is_autocast_enabled("cpu")
        and not torch.compiler.is_compiling()
    )


class Blocks:
    """Convolutions of maps of one size, held as blocks of 4 x 4 pixels.

    Blocks are tensors (4, 4, channels, N, rows, columns), with the place in the block first.

    Args:
        maps: maps of that size, (N, C, H, W).
        channels: largest number of channels that a convolution takes.
    """

    def __init__(self, maps: Tensor, channels: int) -> None:
        self.count, _, self.height, self.width = maps.shape
        self.rows, self.columns = -(-self.height // EDGE), -(-self.width // EDGE)
        self.transformed = torch.empty(POINTS, channels, self.count * self.rows * self.columns)
        self.reused: dict[str, Tensor] = {}

    def split(self, maps: Tensor) -> Tensor:
        """Blocks of maps, (N, C, H, W); zero outside of them."""
        padded = F.pad(maps, (0, -self.width % EDGE, 0, -self.height % EDGE))
        blocks = padded.view(*maps.shape[:2], self.rows, EDGE, self.columns, EDGE)
        return blocks.permute(3, 5, 1, 0, 2, 4).contiguous()

    def join(self, blocks: Tensor) -> Tensor:
        """Maps of blocks."""
        maps = blocks.permute(3, 2, 4, 0, 5, 1).flatten(4, 5).flatten(2, 3)
        return maps[..., : self.height, : self.width]

    def convolve(self, blocks: Tensor, convolution: nn.Conv2d, start: int = 0) -> Tensor:
        """Blocks of a convolution.

        Args:
            blocks: the last channels of its input.
            convolution: 3 x 3, with a bias.
            start: number of channels before them, which the convolutions before this one had.
        """
        weight, bias = convolution.weight, convolution.bias
        assert bias is not None
        stop = start + blocks.shape[2]
        self._transform(blocks, self.transformed[:, start:stop])
        rows = WEIGHT @ weight.permute(2, 3, 0, 1).reshape(3, -1)
        filters = (WEIGHT @ rows.view(EDGE + 2, 3, -1)).view(POINTS, *weight.shape[:2])
        product = self._memory("product", POINTS, weight.shape[0], self.transformed.shape[2])
        torch.bmm(filters, self.transformed[:, :stop], out=product)
        rows = self._memory("rows", EDGE, product.numel() // (EDGE + 2))
        torch.mm(OUTPUT, product.view(EDGE + 2, -1), out=rows)
        result = (OUTPUT @ rows.view(EDGE, EDGE + 2, -1)).view(
            EDGE, EDGE, -1, self.count, self.rows, self.columns
        )
        result += bias.view(-1, 1, 1, 1)
        return self._cleared(result)

    def _transform(self, blocks: Tensor, out: Tensor) -> None:
        """Transform blocks and the pixels around them, which are those of other blocks."""
        size, shape, inner = EDGE + 2, blocks.shape[2:], INPUT[:, 1:-1]
        first, last = float(INPUT[0, 0]), float(INPUT[-1, -1])
        rows = self._memory("rows", size, blocks.numel() // EDGE)
        torch.mm(inner, blocks.view(EDGE, -1), out=rows)
        rows = rows.view(size, EDGE, *shape)
        rows[0, ..., 1:, :].add_(blocks[-1, ..., :-1, :], alpha=first)
        rows[-1, ..., :-1, :].add_(blocks[0, ..., 1:, :], alpha=last)
        torch.bmm(
            inner.expand(size, -1, -1), rows.view(size, EDGE, -1), out=out.view(size, size, -1)
        )
        both = out.view(size, size, *shape)
        both[:, 0, ..., 1:].add_(rows[:, -1, ..., :-1], alpha=first)
        both[:, -1, ..., :-1].add_(rows[:, 0, ..., 1:], alpha=last)

    def _memory(self, use: str, *shape: int) -> Tensor:
        """Memory that each convolution uses again: the C library returns freed memory too soon."""
        size = prod(shape)
        if use not in self.reused or len(self.reused[use]) < size:
            self.reused[use] = torch.empty(size)
        return self.reused[use][:size].view(shape)

    def _cleared(self, blocks: Tensor) -> Tensor:
        """Blocks with zeros outside of the maps."""
        if self.height % EDGE:
            blocks[self.height % EDGE :, ..., -1, :] = 0
        if self.width % EDGE:
            blocks[:, self.width % EDGE :, ..., -1] = 0
        return blocks
