#!/usr/bin/env python3
"""usage: seal-sweep.py [OPTIONS] TRUST HISTORY [COMMAND...]

Every small change of a sealed record: bytes flipped and taken out; seals taken
out, doubled, exchanged, put in from another record; signatures and paths
mixed up; members taken out, renamed and exchanged; the same written in other
ways; the end cut off. HISTORY has the forms of a record one after another,
each of a seal more; the last is changed, the others are what a cut may leave.

By seals.py, with seals required, each change must be refused, mean the same
as the last form, or be an earlier one. COMMAND gets all of them at once,
records in, records out, and must refuse, by an error, exactly those. Prints
what went wrong, the changes in their groups, and how many were refused.

  --other FILE        another record's history; its seals are put in
  --cases N --seed N  so many of the changes, by chance; else all
  --roles FILE        as for seals.py
  --mended            the same
"""
import argparse
import base64
import collections
import copy
import json
import random
import subprocess
import sys

import seals

MASKS = [1 << i for i in range(8)] + [0xff]
CODES = {"auth", "invalid", "policy"}   # of what may refuse
SHOWN = 10


def flips(line):
    for i, byte in enumerate(line):
        for mask in MASKS:
            yield "byte %d ^ %02x" % (i, mask), \
                line[:i] + bytes([byte ^ mask]) + line[i + 1:]


def removals(line):
    for i in range(len(line)):
        yield "without byte %d" % i, line[:i] + line[i + 1:]
    for i in range(len(line) - 1):
        yield "bytes %d and the next" % i, \
            line[:i] + line[i + 1:i + 2] + line[i:i + 1] + line[i + 2:]


def dump(record, **how):
    how = {"ensure_ascii": False, "separators": (",", ":")} | how
    return json.dumps(record, **how).encode()


def change(record):
    """A copy to be changed, and its seals."""
    out = copy.deepcopy(record)
    return out, out["seals"]


def of_seals(record, other):
    """The array as a whole."""
    n = len(record["seals"])
    for i in range(n):
        r, s = change(record)
        del s[i]
        yield "seal %d out" % i, dump(r)
        for j in range(n + 1):
            r, s = change(record)
            s.insert(j, s[i])
            yield "seal %d again at %d" % (i, j), dump(r)
        for j in range(i):
            r, s = change(record)
            s[i], s[j] = s[j], s[i]
            yield "seals %d and %d exchanged" % (i, j), dump(r)
        for j, foreign in enumerate(other["seals"]):
            r, s = change(record)
            s[i] = foreign
            yield "seal %d is %d of another" % (i, j), dump(r)
            r, s = change(record)
            s.insert(i, foreign)
            yield "seal %d of another put in at %d" % (j, i), dump(r)
    for foreign in other["seals"]:
        yield "a seal of another behind", dump(
            dict(record, seals=record["seals"] + [foreign]))
    for value in None, [], {}, "", 0, record["seals"][::-1], \
            other["seals"], record["seals"] + [None], {"0": record["seals"]}, \
            record["seals"] * 300:
        yield "other seals", dump(dict(record, seals=value))
    yield "no seals", dump({k: v for k, v in record.items() if k != "seals"})


def resign(signature):
    """The same numbers, or others, in other bytes."""
    data = base64.b64decode(signature)
    n = data[3]
    r, s = data[4:4 + n], data[6 + n:]
    longer = b"\2" + bytes([n + 1]) + b"\0" + r + b"\2" + bytes([len(s)]) + s
    numbers = seals.sm.signature_numbers(data)
    for curve in seals.sm.CURVES.values():      # on P-256 as good as it was
        yield base64.b64encode(seals.sm.signature(
            numbers[0], (curve.n - numbers[1]) % curve.n)).decode()
    for text in (b"\x30" + bytes([len(longer)]) + longer, data + b"\0",
                 b"\x30\x81" + data[1:], data[:-1], r + s,
                 b"\x30\x80" + data[2:] + b"\0\0"):
        yield base64.b64encode(text).decode()
    yield signature.rstrip("=") if "=" in signature else signature + "===="
    yield signature + "\n"
    yield signature[:40] + "\n" + signature[40:]
    yield base64.urlsafe_b64encode(data).decode() + "_"
    yield ""


def of_one(record, other):
    """Inside of each seal."""
    every = record["seals"] + other["seals"]
    for i, whole in enumerate(record["seals"]):
        for j, foreign in enumerate(every):
            for name in whole:
                r, s = change(record)
                s[i][name] = foreign[name]
                yield "seal %d: %s of %d" % (i, name, j), dump(r)
            r, s = change(record)
            s[i].update(path=foreign["path"], signature=foreign["signature"])
            yield "seal %d: signed as %d" % (i, j), dump(r)
        for name in whole:
            for value in None, 0, True, "", "0", [], {}, [whole[name]]:
                r, s = change(record)
                s[i][name] = value
                yield "seal %d: %s is another thing" % (i, name), dump(r)
            r, s = change(record)
            s[i][name + "s"] = s[i].pop(name)
            yield "seal %d: %s renamed" % (i, name), dump(r)
        for name in "note", "Step", "":
            for value in None, "x":
                r, s = change(record)
                s[i][name] = value
                yield "seal %d: one more" % i, dump(r)
        for signature in resign(whole["signature"]):
            r, s = change(record)
            s[i]["signature"] = signature
            yield "seal %d: written otherwise" % i, dump(r)
        for value in whole["key"].upper(), " " + whole["key"]:
            r, s = change(record)
            s[i]["key"] = value
            yield "seal %d: key written otherwise" % i, dump(r)
        for time in "2026-11-24T08:00:00+08:00", "2026-13-01T00:00:00Z", \
                "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", \
                whole["time"].lower(), whole["time"][:-1] + ".0Z":
            r, s = change(record)
            s[i]["time"] = time
            yield "seal %d: time" % i, dump(r)


def of_covers(record, _other):
    for i, whole in enumerate(record["seals"]):
        names = list(whole["covers"])
        for j, name in enumerate(names):
            for value in None, "0" * 64, whole["covers"][name].upper() \
                    if whole["covers"][name] else "0" * 64:
                r, s = change(record)
                s[i]["covers"][name] = value
                yield "seal %d: %s" % (i, name), dump(r)
            r, s = change(record)
            value = s[i]["covers"].pop(name)
            yield "seal %d: without %s" % (i, name), dump(r)
            s[i]["covers"][name + "2"] = value
            yield "seal %d: %s renamed" % (i, name), dump(r)
            for third in names[:j]:
                r, s = change(record)
                c = s[i]["covers"]
                c[name], c[third] = c[third], c[name]
                yield "seal %d: %s, %s exchanged" % (i, name, third), dump(r)
        for name in "already", "read", "error", "seals", "another":
            for value in None, "0" * 64:
                r, s = change(record)
                s[i]["covers"][name] = value
                yield "seal %d: %s more" % (i, name), dump(r)


def of_paths(record, _other):
    for i, whole in enumerate(record["seals"]):
        n = len(whole["path"])
        for j in range(n):
            r, s = change(record)
            way = s[i]["path"].pop(j)
            yield "seal %d: way %d out" % (i, j), dump(r)
            for k in range(n):
                r, s = change(record)
                s[i]["path"].insert(k, way)
                yield "seal %d: way %d again" % (i, j), dump(r)
            for side in "l" if way[0] == "r" else "r", "", "L", "rr":
                r, s = change(record)
                s[i]["path"][j] = side + way[1:]
                yield "seal %d: way %d to %s" % (i, j, side), dump(r)
            for k in range(j):
                r, s = change(record)
                p = s[i]["path"]
                p[j], p[k] = p[k], p[j]
                yield "seal %d: ways %d, %d exchanged" % (i, j, k), dump(r)
        for more in ["r" + "0" * 64], ["l" + "0" * 64], \
                ["r" + "0" * 64] * 41, [None], [[]]:
            r, s = change(record)
            s[i]["path"] += more
            yield "seal %d: a longer way" % i, dump(r)


def of_members(record, other):
    names = [name for name in record if name != "seals"]
    for name in names:
        out = {k: v for k, v in record.items() if k != name}
        yield "without %s" % name, dump(out)
        for to in name + "2", name.capitalize(), "already", "read", "error":
            yield "%s is called %s" % (name, to), dump(
                out | {to: record[name]})
        values = [None, [], {}, 0, "", [record[name]], {name: record[name]},
                  str(record[name])]
        values += [record[k] for k in names] + [other[k] for k in other]
        for value in values:
            if value != record[name] or type(value) is not type(record[name]):
                yield "%s is another thing" % name, dump(
                    record | {name: value})
        yield "%s stands twice" % name, dump(record)[:-1] + \
            b"," + dump({name: record[name]})[1:]
        if isinstance(record[name], dict):
            for sub in record[name]:
                yield "%s.%s is null" % (name, sub), dump(
                    record | {name: record[name] | {sub: None}})
    for name in "already", "read", "another", "":
        for value in True, None, {}, 1.5, record["id"]:
            yield "%s is put in" % (name or "a nameless one"), dump(
                record | {name: value})


def otherwise(record, _other):
    """The same, written in another way."""
    yield "in ASCII", dump(record, ensure_ascii=True)
    yield "with blanks", dump(record, separators=(" , ", "\t: "))
    yield "blanks around", b" \t" + dump(record) + b" \t\r"
    yield "sorted", dump(record, sort_keys=True)
    yield "backwards", dump(dict(reversed(record.items())))
    r, s = change(record)
    r["seals"] = [dict(reversed(one.items())) for one in s]
    yield "seals backwards", dump(r)
    line = dump(record)
    yield "slashes escaped", line.replace(b"/", b"\\/")
    for letter in b"aeinrs":
        yield "each %c escaped" % letter, line.replace(
            b"%c" % letter, b"\\u00%02x" % letter)
    at = line.find(b'"')
    while at >= 0:
        yield "the character at %d escaped" % at, line[:at + 1] + \
            b"\\u00%02X" % line[at + 1] + line[at + 2:] \
            if line[at + 1] < 128 and line[at + 1] not in b'"\\' else line
        at = line.find(b'"', at + 1)
    for bad in b"\xef\xbb\xbf" + line, line + line, line + b",", b"[%s]" % \
            line, line.replace(b'"', b"'"), b"", b" ", b"null":
        yield "no record", bad


def cuts(history):
    for i, line in enumerate(history[:-1]):
        now = json.loads(history[-1])
        yield "cut to %d, members and all" % i, line
        yield "only the seals cut to %d" % i, dump(
            now | {"seals": json.loads(line)["seals"]})
        yield "only the members of %d" % i, dump(
            json.loads(line) | {"seals": now["seals"]})
        for name in now:
            yield "%s cut to %d" % (name, i), dump(
                now | {name: json.loads(line).get(name)})


def mutants(history, other):
    """(group, what was changed, line), none of more than one line."""
    line, record = history[-1], json.loads(history[-1])
    groups = [("flips", flips(line)), ("removals", removals(line)),
              ("cuts", cuts(history))]
    groups += [(f.__name__, f(record, other)) for f in (
        of_seals, of_one, of_covers, of_paths, of_members, otherwise)]
    for group, changes in groups:
        for name, mutant in changes:
            if b"\n" not in mutant and mutant != line:
                yield group, name, mutant


# --- what each is

def facts(record):
    return seals.canonical({k: v for k, v in record.items()
                            if k not in seals.NEVER and v is not None})


def verdict(checker, line, history, mended):
    try:
        record = seals.parse(line)
        checker.check(record, mended)
    except seals.Refused as e:
        return "refused", str(e)
    forms = [(facts(r), [seals.leaf(s) for s in r["seals"]])
             for r in map(seals.parse, history)]
    form = facts(record), [seals.leaf(s) for s in record["seals"]]
    if form == forms[-1]:
        return "same", ""
    return ("earlier" if form in forms else "other"), ""


def run(command, lines):
    out = subprocess.run(command, input=b"".join(x + b"\n" for x in lines),
                         stdout=subprocess.PIPE, check=False,
                         close_fds=False)
    answers = out.stdout.splitlines()
    if out.returncode not in (0, 1) or len(answers) != len(lines):
        sys.exit("status %d, %d answers to %d records" % (
            out.returncode, len(answers), len(lines)))
    return answers


def compare(changes, wants, answers):
    """What came of each, in a word, and what is wrong with it."""
    for (_, name, line), (want, why), answer in zip(changes, wants, answers):
        error = json.loads(answer).get("error")
        if failed(line):                # goes through, whatever it is
            yield "passed on", answer != line and "%s: changed: %s" % (
                name, answer)
            continue
        bad = (want == "refused") != bool(error) or \
            error and error["code"] not in CODES
        yield error["code"] if error else "taken", \
            bad and "%s: %s%s, but the command says %s\n  %s" % (
                name, want, " (%s)" % why if why else "",
                "%(code)s: %(message)s" % error if error else "nothing",
                line.decode("utf-8", "backslashreplace"))


def failed(line):
    try:
        return seals.parse(line).get("error") is not None
    except seals.Refused:
        return False


def read(path):
    with open(path, "rb") as f:
        return f.read().splitlines()


def some(rnd, changes, cases):
    """As many of each group, as far as there are."""
    groups = collections.defaultdict(list)
    for one in changes:
        groups[one[0]].append(one)
    out = []
    for left, group in zip(range(len(groups), 0, -1),
                           sorted(groups.values(), key=len)):
        out += rnd.sample(group, min(len(group), (cases - len(out)) // left))
    return out


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--other")
    p.add_argument("--cases", type=int)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--roles")
    p.add_argument("--mended", action="store_true")
    p.add_argument("trust")
    p.add_argument("history")
    p.add_argument("command", nargs=argparse.REMAINDER)
    o = p.parse_args()
    history = read(o.history)
    other = json.loads(read(o.other)[-1]) if o.other else {"seals": []}
    roles = json.loads(b"".join(read(o.roles))) if o.roles else None
    checker = seals.Checker(seals.trust(read(o.trust)), roles, True, True)
    changes = list(mutants(history, other))
    if o.cases:
        changes = some(random.Random(o.seed), changes, o.cases)
    changes.append(("itself", "nothing", history[-1]))
    wrong, count = [], collections.Counter()
    wants = [verdict(checker, line, history, o.mended)
             for _, _, line in changes]
    for (group, name, line), (want, _) in zip(changes, wants):
        count[group, want] += 1
        if want == "other":
            wrong.append("%s: taken, and is another record: %s" % (
                name, line.decode()))
    if wants[-1][0] != "same":
        wrong.append("the record itself is refused: %s" % wants[-1][1])
    codes = collections.Counter()
    if o.command:
        # What is taken goes first: where a record fails, others of its
        # person may fail for that.
        order = sorted(range(len(changes)),
                       key=lambda i: wants[i][0] == "refused")
        changes, wants = ([of[i] for i in order] for of in (changes, wants))
        answers = run(o.command, [line for _, _, line in changes])
        for word, bad in compare(changes, wants, answers):
            codes[word] += 1
            if bad:
                wrong.append(bad)
    for message in wrong[:SHOWN]:
        print(message)
    for (group, want), n in sorted(count.items()):
        print("# %s: %d %s" % (group, n, want))
    for code, n in sorted(codes.items()):
        print("# by the command: %d %s" % (n, code))
    print("%d changes, %d wrong" % (len(changes), len(wrong)))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
