"""Metrics of generated samples, as torchmetrics classes."""
