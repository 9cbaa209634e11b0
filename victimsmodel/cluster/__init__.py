"""Ensembles, sweeps and plans on the workers of dask.distributed."""
