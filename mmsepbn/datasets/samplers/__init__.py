"""Samplers."""

from mmsepbn.datasets.samplers.proportional import ProportionalMultiDatasetSampler as ProportionalMultiDatasetSampler
