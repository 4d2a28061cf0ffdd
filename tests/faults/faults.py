"""The test's side of fault_shim.cpp: tells a running process which of its system calls is to fail."""
import errno
import mmap
import struct

SHORT = -1  # Instead of an error number: do a part of what was asked.
LAYOUT = struct.Struct("<IiiiI32s32s188s256s")


def name_of(error):
    return "short" if error == SHORT else errno.errorcode[error]


class Control:
    """One mapped control file; pass `environment` to the process."""

    def __init__(self, path, library):
        path.write_bytes(bytes(LAYOUT.size))
        self.environment = {"LD_PRELOAD": library, "OGIVE_FAULT_CONTROL": str(path)}
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), LAYOUT.size)

    def arm(self, call, error, path="", thread="", skip=0, times=1):
        """From now on: let `skip` fitting calls pass, then fail `times` of them."""
        self.disarm()
        self.memory[4:LAYOUT.size] = LAYOUT.pack(0, error, skip, times, 0, call.encode(), thread.encode(), path.encode(), b"")[4:]
        self.memory[0:4] = struct.pack("<I", 1)

    def disarm(self):
        self.memory[0:4] = bytes(4)

    @property
    def fired(self):
        return struct.unpack_from("<I", self.memory, 16)[0]

    @property
    def victim(self):
        return self.memory[272:LAYOUT.size].split(b"\0")[0].decode()
