"""The device under the stores: files that the page cache has forgotten, a cold read of them, and a device of a stated speed.

A virtual machine's disk is often a file in its host's memory: what is read "from the device" then comes as fast as a copy, and a ratio
to it says nothing about devices. With `--device-mb-s` servers and the cold read beside them are members of a control group of their own
(blkio of version 1) that reads at that rate. Writes are not limited."""
import os
import pathlib
import subprocess
import sys
import time

BLKIO = pathlib.Path("/sys/fs/cgroup/blkio")
LIMIT = "blkio.throttle.read_bps_device"
READ = """
import sys, time
began, left = time.monotonic(), int(sys.argv[1])
for path in sys.argv[2:]:
    with open(path, "rb", buffering=0) as file:
        while left > 0 and (piece := file.read(min(left, 1 << 20))):
            left -= len(piece)
print(time.monotonic() - began)
"""


def forget(directory):
    """The page cache's part of all files below, which are written back first."""
    for path in pathlib.Path(directory).rglob("*"):
        if path.is_file():
            with open(path, "rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def whole_disk(directory):
    """"major:minor" of the disk that holds the directory: limits are kept for disks, not for their partitions."""
    number = os.stat(directory).st_dev
    block = pathlib.Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}")
    if not block.exists():
        sys.exit(f"--device-mb-s: {directory} is not on a block device; choose one by --directory")
    block = block.resolve()
    return ((block.parent if (block / "partition").exists() else block) / "dev").read_text().strip()


class Device:
    """What a Setup's servers read from. Without a limit nothing is changed. close() removes the group; its members must have ended."""

    def __init__(self, directory, mb_s):
        self.group = None
        if not mb_s:
            return
        if os.geteuid() != 0 or not (BLKIO / "cgroup.procs").exists():
            sys.exit(f"--device-mb-s needs root and the blkio controller of control groups, version 1, at {BLKIO}; without them measure "
                     "without it, or on a disk of that speed")
        disk = whole_disk(directory)
        self.group = BLKIO / f"ogive-bench-{os.getpid()}"
        try:
            self.group.mkdir()
            (self.group / LIMIT).write_text(f"{disk} {round(mb_s * 1e6)}")
        except OSError as error:
            self.close()
            sys.exit(f"--device-mb-s: cannot limit disk {disk} by {self.group}: {error}")

    def member(self):
        """What a command begins with to be limited."""
        return [] if self.group is None else ["sh", "-c", f'echo $$ > {self.group}/cgroup.procs && exec "$@"', "sh"]

    def cold_read_seconds(self, directory, count=1 << 62):
        """For the first `count` bytes of the directory's files, in the order of their names, by one reader."""
        forget(directory)
        files = [str(path) for path in sorted(pathlib.Path(directory).iterdir())]
        read = subprocess.run([*self.member(), sys.executable, "-c", READ, str(count), *files], capture_output=True, text=True, check=True)
        return float(read.stdout)

    def close(self):
        if self.group is None or not self.group.exists():
            return
        for _ in range(100):  # A member that has just ended still counts for a moment.
            try:
                return self.group.rmdir()
            except OSError:
                time.sleep(0.05)
        sys.stderr.write(f"{self.group} is left over: {(self.group / 'cgroup.procs').read_text().split()}\n")
