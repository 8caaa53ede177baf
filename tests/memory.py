"""Where secrets stand in the memory of a process.

memory.py PID SECRETS    SECRETS has one a line, as text or in hexadecimal;
                         adds a line to the file look: found or none, on how
                         many pages that are not locked or would be dumped, how
                         many in arguments and environment, whether it may
                         leave no core
"""
import re
import sys


def read_secrets(path):
    out = []
    for line in open(path).read().split():
        out.append(line.encode())
        if re.fullmatch("([0-9a-f]{32})+", line):
            out += [bytes.fromhex(line), bytes.fromhex(line)[::-1]]
    return out


def look(pid, secrets):
    found = bad = 0
    flags = {}
    # AddressSanitizer has mlock do nothing.
    wanted = {"dd"} if "libasan" in open("/proc/%d/maps" % pid).read() else \
        {"dd", "lo"}
    for line in open("/proc/%d/smaps" % pid):
        m = re.match(r"([0-9a-f]+)-([0-9a-f]+) ", line)
        if m:
            area = m.groups()
        # A sanitizer's shadow is of terabytes, and has no data.
        elif line.startswith("VmFlags:") and \
                int(area[1], 16) - int(area[0], 16) < 1 << 30:
            flags[area] = line.split()
    mem = open("/proc/%d/mem" % pid, "rb", 0)
    for (a, b), f in flags.items():
        a, b = int(a, 16), int(b, 16)
        try:
            mem.seek(a)
            text = mem.read(b - a)
        except (OSError, OverflowError, ValueError, MemoryError):
            continue
        n = sum(s in text for s in secrets)
        found += n
        if n > 0 and not wanted <= set(f):
            print(hex(a), f, [s for s in secrets if s in text])
            bad += 1
    said = b"".join(open("/proc/%d/%s" % (pid, n), "rb").read()
        for n in ("cmdline", "environ"))
    limits = open("/proc/%d/limits" % pid).read()
    core = re.search(r"Max core file size +0 +0 ", limits) is not None
    with open("look", "a") as f:
        print("found" if found else "none", bad,
            sum(s in said for s in secrets), core, file=f)


if __name__ == "__main__":
    look(int(sys.argv[1]), read_secrets(sys.argv[2]))
