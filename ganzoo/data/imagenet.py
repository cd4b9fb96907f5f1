"""Names of ImageNet's classes."""

from __future__ import annotations

from functools import cache

SAME = {134: "crane bird", 517: "construction crane", 639: "tank suit"}
"""Classes whose first name is that of another class."""


@cache
def class_names() -> tuple[str, ...]:
    """One name for each of the 1,000 classes of ILSVRC 2012 by label, e.g. ``goldfish``."""
    from timm.data.imagenet_info import ImageNetInfo

    info = ImageNetInfo()
    first = (info.index_to_description(label).partition(",")[0] for label in range(1000))
    return tuple(SAME.get(label, name) for label, name in enumerate(first))
