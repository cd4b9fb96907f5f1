"""Devices, seeds, processes, files, progress bars and the network."""
