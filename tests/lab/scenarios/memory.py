# SPDX-License-Identifier: GPL-2.0-or-later
"""The memory of a process, for scenarios that search it for what must not be there."""
import re


def readable(pid):
    """Each mapping that can be read: its line in maps, where it begins and ends, its bytes."""
    with open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for line in open(f"/proc/{pid}/maps"):
            m = re.match(r"([0-9a-f]+)-([0-9a-f]+) r", line)
            if not m or "[v" in line:
                continue
            begin, end = (int(x, 16) for x in m.groups())
            mem.seek(begin)
            try:
                yield line, begin, end, mem.read(end - begin)
            except OSError:
                continue
