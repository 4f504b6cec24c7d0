"""Videos that lie in their files and are turned by whoever shows them."""

import struct

import numpy as np


def turn_video(path, degrees):
    """Write into an MP4 or QuickTime file that players turn its frames clockwise, as phones do."""
    content = bytearray(path.read_bytes())
    header = content.index(b'tkhd') + 4
    matrix = header + (40 if content[header] == 0 else 52)  # by the header's version
    cos, sin = (round(value) << 16 for value in (np.cos(np.radians(degrees)), np.sin(np.radians(degrees))))
    struct.pack_into('>9i', content, matrix, cos, sin, 0, -sin, cos, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
