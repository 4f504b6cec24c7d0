"""Norm layers."""

from mmsepbn.models.norms.sepbn import SepBN as SepBN
