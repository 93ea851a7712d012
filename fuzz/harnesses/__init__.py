"""One harness a module, its `HARNESS`; nothing is registered anywhere else."""
