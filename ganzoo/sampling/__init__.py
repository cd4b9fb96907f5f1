"""Inputs and outputs of sampling: sources, masks, files, grids."""
