"""Other programs that compute scores, as their users run them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.scorers.own import Gaussian, Kept


class TorchMetrics:
    """The classes as users have them, each with its own network."""

    does = "FID, KID, IS, separately"

    def __init__(self, file: Path, batch: int) -> None:
        _instead_of_downloads("torch_fidelity.feature_extractor_inceptionv3", file)
        self.images = import_module("torchmetrics.image")
        self.fid = self.images.FrechetInceptionDistance()
        self.kid = self.images.KernelInceptionDistance(subsets=1, subset_size=2)
        self.score = self.images.InceptionScore(splits=1)
        self.batch, self.n = batch, 0

    def extract(self, images: Tensor, real: bool) -> None:
        for part in torch.split(images, self.batch):
            self.fid.update(part, real=real)
            self.kid.update(part, real=real)
            if not real:
                self.score.update(part)
                self.n += len(part)

    def finish(self) -> Mapping[str, float]:
        self.kid.subset_size = self.n
        kid, score = self.kid.compute()[0], self.score.compute()[0]
        return {"FID": float(self.fid.compute()), "KID": float(kid), "IS": float(score)}

    def frechet(self, one: Gaussian, other: Gaussian) -> Callable[[], float]:
        metric, n = self.images.FrechetInceptionDistance(Kept(len(one[0]))), 10_000
        for kind, (mean, covariance) in (("real", one), ("fake", other)):
            outer = (n - 1) * covariance + n * np.outer(mean, mean)
            setattr(metric, f"{kind}_features_sum", torch.from_numpy(mean * n))
            setattr(metric, f"{kind}_features_cov_sum", torch.from_numpy(outer))
            setattr(metric, f"{kind}_features_num_samples", torch.tensor(n))
        metric.orig_dtype = torch.float64
        return lambda: float(metric.compute())

    def of_features(self, one: Tensor, other: Tensor) -> float:
        metric = self.images.FrechetInceptionDistance(Kept(one.shape[1]), normalize=True)
        metric.update(one, real=True)
        metric.update(other, real=False)
        return float(metric.compute())


class TorchFidelity:
    """One pass for all metrics, its loader in the same process."""

    does = "FID, KID, IS, precision, recall"

    def __init__(self, file: Path, batch: int) -> None:
        parts = ("utils", "metric_fid", "metric_kid", "metric_isc", "metric_prc")
        self.utils, self.fid, self.kid, self.isc, self.prc = (
            import_module(f"torch_fidelity.{part}") for part in parts
        )
        self.network = self.utils.create_feature_extractor(
            "inception-v3-compat",
            ["2048", "logits_unbiased"],
            cuda=False,
            feature_extractor_weights_path=str(file),
            verbose=False,
        )
        self.batch = batch
        self.kept: dict[bool, list[Mapping[str, Tensor]]] = {True: [], False: []}

    def extract(self, images: Tensor, real: bool) -> None:
        class Images(torch.utils.data.Dataset[Tensor]):
            def __len__(self) -> int:
                return len(images)

            def __getitem__(self, index: int) -> Tensor:
                return images[index]

        found = self.utils.get_featuresdict_from_dataset(
            Images(), self.network, self.batch, cuda=False, save_cpu_ram=True, verbose=False
        )
        self.kept[real].append(found)

    def finish(self) -> Mapping[str, float]:
        real, fake = (torch.cat([f["2048"] for f in self.kept[k]]) for k in (True, False))
        logits = torch.cat([found["logits_unbiased"] for found in self.kept[False]])
        quiet = {"verbose": False}
        kid = self.kid.kid_features_to_metric(
            fake, real, kid_subsets=1, kid_subset_size=len(fake), **quiet
        )
        near = self.prc.prc_features_to_metric(fake, real, **quiet)
        return {
            "FID": self.of_features(real, fake),
            "KID": kid["kernel_inception_distance_mean"],
            "IS": self.isc.isc_features_to_metric(logits, splits=1)["inception_score_mean"],
            "precision": near["precision"],
            "recall": near["recall"],
        }

    def frechet(self, one: Gaussian, other: Gaussian) -> Callable[[], float]:
        pair = [{"mu": mean, "sigma": covariance} for mean, covariance in (one, other)]
        return lambda: self._distance(pair)

    def of_features(self, one: Tensor, other: Tensor) -> float:
        return self._distance([self.fid.fid_features_to_statistics(rows) for rows in (one, other)])

    def _distance(self, pair: list[dict[str, np.ndarray]]) -> float:
        found = self.fid.fid_statistics_to_metric(*pair, verbose=False)
        return float(found["frechet_inception_distance"])


class PytorchFid:
    """The network on prepared tensors, where the program would read files."""

    does = "FID"

    def __init__(self, file: Path, batch: int) -> None:
        module = "pytorch_fid.inception"
        _instead_of_downloads(module, file)
        self.network = import_module(module).InceptionV3().eval()
        self.score = import_module("pytorch_fid.fid_score")
        self.batch = batch
        self.kept: dict[bool, list[Tensor]] = {True: [], False: []}

    def extract(self, images: Tensor, real: bool) -> None:
        with torch.no_grad():
            for part in torch.split(images, self.batch):
                self.kept[real].append(self.network(part.float() / 255)[0].flatten(1))

    def finish(self) -> Mapping[str, float]:
        return {"FID": self.of_features(*(torch.cat(self.kept[kind]) for kind in (True, False)))}

    def frechet(self, one: Gaussian, other: Gaussian) -> Callable[[], float]:
        return lambda: float(self.score.calculate_frechet_distance(*one, *other))

    def of_features(self, one: Tensor, other: Tensor) -> float:
        pair = [(rows.mean(0), np.cov(rows, rowvar=False)) for rows in (one.numpy(), other.numpy())]
        return self.frechet(*pair)()


class CleanFid:
    """The resize and the network, traced: its TorchScript file cannot take random weights."""

    does = "FID, KID"

    def __init__(self, file: Path, batch: int) -> None:
        module = "cleanfid.inception_pytorch"
        _instead_of_downloads(module, file)
        network = import_module(module).InceptionV3(resize_input=False, normalize_input=False)
        network.eval()

        class First(nn.Module):
            def forward(self, images: Tensor) -> Tensor:
                maps: Tensor = network(images)[0]
                return maps.flatten(1)

        with torch.no_grad():
            trace: Callable[[nn.Module, Tensor], nn.Module] = torch.jit.trace
            self.network = trace(First(), torch.zeros(2, 3, 299, 299))
        self.resize = import_module("cleanfid.resize").build_resizer("clean")
        self.fid = import_module("cleanfid.fid")
        self.batch = batch
        self.kept: dict[bool, list[np.ndarray]] = {True: [], False: []}

    def extract(self, images: Tensor, real: bool) -> None:
        with torch.no_grad():
            for part in torch.split(images.permute(0, 2, 3, 1), self.batch):
                resized = np.stack([self.resize(image) for image in part.numpy()])
                pixels = torch.from_numpy(resized).permute(0, 3, 1, 2).contiguous()
                self.kept[real].append(self.network((pixels - 128) / 128).numpy())

    def finish(self) -> Mapping[str, float]:
        real, fake = (np.concatenate(self.kept[kind]) for kind in (True, False))
        kid = self.fid.kernel_distance(real, fake, num_subsets=1, max_subset_size=len(fake))
        return {"FID": float(self.fid.fid_from_feats(real, fake)), "KID": kid}

    def frechet(self, one: Gaussian, other: Gaussian) -> Callable[[], float]:
        return lambda: float(self.fid.frechet_distance(*one, *other))

    def of_features(self, one: Tensor, other: Tensor) -> float:
        return float(self.fid.fid_from_feats(one.numpy(), other.numpy()))


def _instead_of_downloads(module: str, file: Path) -> None:
    """Make a program load the file with random weights instead of the published weights."""
    found = import_module(module)
    tensors = torch.load(file, weights_only=True)
    found.load_state_dict_from_url = lambda *_, **__: tensors  # type: ignore[attr-defined] # theirs
