"""Writes the vector 0, 1, 2, 3 of doubles as a .npy file, less some bytes at its end."""

import struct
import sys

header = "{'descr': '<f8', 'fortran_order': False, 'shape': (4,), }".ljust(117) + "\n"
contents = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + struct.pack("<4d", 0, 1, 2, 3)
with open(sys.argv[1], "wb") as file:
    file.write(contents[: len(contents) - int(sys.argv[2])])
