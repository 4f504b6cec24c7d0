from .pixel_label import PixelLabel as PixelLabel
