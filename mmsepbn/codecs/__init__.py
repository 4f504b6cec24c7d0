"""Keypoint codecs."""

from mmsepbn.codecs.pixel_label import PixelLabel as PixelLabel
