#!/usr/bin/env python3
"""Checkpoints of a register a second time, in plain Python.

checkpoint.py [--region CODE] TRUST CHECKPOINT [EXPORT]

Checks the form of a checkpoint, whose it is by the trust file, and its
signature; with an export of the register, that this still holds what the
checkpoint says, by the digests that stand in it (whether these are right is
for the audit). Prints "ok", or "refused: " and the reason with status 1.
Written from ss-registry(5), section CHECKPOINTS, alone.
"""
import argparse
import json
import sys

import seals
import sm

PURPOSE = "sscard checkpoint 1"
MEMBERS = {"v", "purpose", "time", "operator", "key", "applications",
           "events", "cards", "actions", "stations", "root", "signature"}
STATION = {"events", "actions", "action_head"}


class Refused(Exception):
    pass


def count(value):
    return type(value) is int and value >= 0


def form(cp):
    if set(cp) != MEMBERS:
        raise Refused("not its members")
    if cp["v"] != 1 or cp["purpose"] != PURPOSE:
        raise Refused("another version or purpose")
    if not seals.an_instant(cp["time"]):
        raise Refused("time")
    if not all(count(cp[name]) for name in ("applications", "events", "cards",
                                            "actions")):
        raise Refused("a count")
    if not seals.a_hash(cp["root"]):
        raise Refused("root")
    for name, one in cp["stations"].items():
        if set(one) != STATION or not count(one["events"]) or \
                not count(one["actions"]):
            raise Refused("station %s" % name)
        if not (seals.a_hash(one["action_head"]) if one["actions"]
                else one["action_head"] == ""):
            raise Refused("station %s: action_head" % name)
    for total in ("events", "actions"):
        if cp[total] != sum(s[total] for s in cp["stations"].values()):
            raise Refused("%s: not the sum of the stations" % total)


def signer(cp, known, region):
    one = known.get(cp["key"])
    if one is None or one.operator != cp["operator"]:
        raise Refused("not known")
    if not one.at(cp["time"]):
        raise Refused("the key was not valid")
    if "manager" not in one.roles:
        raise Refused("no manager")
    if region is not None and not one.within(region):
        raise Refused("another region")
    rest = {k: v for k, v in cp.items() if k != "signature"}
    text = PURPOSE.encode() + b"\0" + sm.sm3(seals.canonical(rest))
    signature = seals.a_signature(cp["signature"])
    if signature is None or not sm.check(*one.public, text, signature):
        raise Refused("the signature")


def root(leaves):
    return seals.tree(leaves)[0] if leaves else sm.sm3(b"")


def within(cp, event):
    station = cp["stations"].get(event["station"])
    return station is not None and \
        event["station_number"] <= station["events"]


def content(cp, lines):
    leaves, there, actions, events, cards = [], {}, {}, 0, 0
    for line in lines:
        if "application" in line:
            then = [e for e in line["events"] if within(cp, e)]
            later = line["events"][len(then):]
            if then != line["events"][:len(then)]:
                raise Refused("%s: out of order" % line["application"])
            if then:
                leaves.append(sm.sm3(b"\0" + line["application"].encode() +
                                     b"\0" + then[-1]["digest"].encode()))
            events += len(then)
            for e in line["events"]:
                there[e["station"]] = there.get(e["station"], 0) + 1
            cards -= sum((e["step"] == "make") - (e["step"] == "unbind")
                         for e in later)
        elif line["table"] == "card":
            cards += 1
        elif line["table"] == "action":
            actions[line["station"], line["number"]] = line["digest"]
    for name, one in cp["stations"].items():
        if there.get(name, 0) < one["events"]:
            raise Refused("station %s: fewer events" % name)
        if one["actions"] and \
                actions.get((name, one["actions"])) != one["action_head"]:
            raise Refused("station %s: other actions" % name)
    if (len(leaves), events) != (cp["applications"], cp["events"]) or \
            root(leaves).hex() != cp["root"]:
        raise Refused("the root")
    if cards != cp["cards"]:
        raise Refused("cards")


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--region")
    p.add_argument("trust")
    p.add_argument("checkpoint")
    p.add_argument("export", nargs="?")
    o = p.parse_args()
    with open(o.trust, "rb") as f:
        known = seals.trust(f.read().splitlines())
    with open(o.checkpoint, "rb") as f:
        cp = seals.parse(f.read())
    try:
        form(cp)
        signer(cp, known, o.region)
        if o.export:
            with open(o.export, encoding="utf-8") as f:
                content(cp, map(json.loads, f))
    except Refused as e:
        print("refused: %s" % e)
        return 1
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
