"""Services of the process: devices, seeds, processes, progress, files, network."""
