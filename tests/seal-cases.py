#!/usr/bin/env python3
"""usage: seal-cases.py [--time T] FOLDER < APPLIED

What a record's seals may and may not be, every signature good: from a record
of state "applied", as ss-apply writes it, unsealed, it makes

  trust       who is known            roles       the roles of steps
  cases       records, one a line     want        what is to come of each:
                                                  "ok" or "refused: ", which
                                                  case it is
  history     a record's forms from apply to cancel, a seal more each
  short       from apply to mend      batch       its like, under Merkle roots
  other       another record's forms
  li.pem      the key of a reviewer in both of the regions

In want, "any" case is refused by any policy, "required" ones where seals are
required, "clerk" ones by review.other_than_clerk; "full" ones have no room for
another seal.
"""
import argparse
import copy
import json
import os
import random
import sys

import seals
import sm

RND = random.Random(1)
BEFORE, AFTER = "2026-01-01T00:00:00Z", "2036-01-01T00:00:00Z"


class Desk:
    """The operators, and those who are none."""

    def __init__(self, now, region):
        self.now, self.lines = now, []
        city = region[:4] + "00"
        away = "440300" if region[:2] != "44" else "110100"
        for name, curve, operator, roles, regions, more in (
                ("wang", sm.SM2, "wang", ["clerk"], [region], {}),
                ("wang2", sm.P256, "wang", ["clerk", "reviewer"],
                 ["000000"], {}),
                ("li", sm.P256, "li", ["reviewer"], [city], {}),
                ("li2", sm.SM2, "li", ["reviewer"],
                 [away, region[:2] + "0000"], {"from": now, "until": AFTER}),
                ("chen", sm.SM2, "chen", ["maker", "counter", "manager"],
                 ["000000"], {}),
                ("away", sm.SM2, "away", ["clerk"], [away], {}),
                ("beside", sm.SM2, "beside", ["clerk"],
                 [region[:4] + "%02d" % (int(region[4:]) % 90 + 1)], {}),
                ("early", sm.SM2, "early", ["clerk"], ["000000"],
                 {"until": "2026-01-02T00:00:00Z"}),
                ("late", sm.SM2, "late", ["clerk"], ["000000"],
                 {"from": AFTER}),
                ("revoked", sm.SM2, "revoked", ["clerk"], ["000000"],
                 {"revoked": now}),
                ("leaver", sm.SM2, "leaver", ["clerk"], ["000000"],
                 {"revoked": AFTER}),
                ("idle", sm.SM2, "idle", [], ["000000"], {}),
                ("stranger", sm.SM2, "wang", None, None, None)):
            d = RND.randrange(1, curve.n - 1)
            key = seals.Key(curve, d, operator)
            setattr(self, name, key)
            if more is not None:
                self.lines.append(key.trusted(roles, regions, BEFORE) | more)

    def seal(self, record, step, key=None, time=None, /, state=None,
             also=None, sign=None, **changed):
        """One more seal; "also" changes its statement before it is signed,
        "changed" gives it members."""
        key = key or (self.li if step in ("hold", "approve", "return",
                                          "reject") else
                      self.wang if step in ("apply", "mend") else self.chen)
        to = state or STEPS[step].to
        if to:
            record["state"] = to
        one = seals.statement(record, step, key, time or self.now)
        one.update(changed)
        if also:
            also(one)
        one.update(path=[], signature=(sign or key).sign(seals.leaf(one)))
        record["seals"] = record.get("seals", []) + [one]
        return record


STEPS = seals.steps()


def without(name):
    return lambda one: one.pop(name)


def covering(**more):
    return lambda one: one["covers"].update(more)


def uncovering(name):
    return lambda one: one["covers"].pop(name)


def one_seal(desk, fresh):
    """(name, record, needs) that is refused; (name, record) that is good."""
    def apply(*args, **kwargs):
        return desk.seal(fresh(), "apply", *args, **kwargs)

    yield "sealed", apply()
    yield "on P-256", apply(desk.wang2)
    yield "before it is revoked", apply(desk.leaver)
    yield "as it is revoked", apply(desk.revoked), "any"
    yield "before that", apply(desk.revoked, BEFORE)
    yield "long ago, when the key was good", apply(desk.early, BEFORE)
    yield "no longer good", apply(desk.early), "any"
    yield "since this second", apply(desk.early, "2026-01-02T00:00:00Z"), \
        "any"
    yield "its last second", apply(desk.early, "2026-01-01T23:59:59Z")
    yield "not yet good", apply(desk.late), "any"
    yield "of another province", apply(desk.away), "any"
    yield "of the next county", apply(desk.beside), "any"
    yield "without a role", apply(desk.idle), "any"
    yield "of another role", apply(desk.li), "any"
    yield "by a key that nobody knows", apply(desk.stranger), "any"
    yield "in another's name", apply(operator="li"), "any"
    yield "signed by another", apply(sign=desk.wang2), "any"
    yield "no such step", apply(step="applied"), "any"
    yield "a later step's word", apply(step="approve"), "any"
    yield "of another id", apply(id="another"), "any"
    yield "one behind another", apply(prev="0" * 64), "any"
    yield "without id", apply(also=uncovering("id")), "any"
    yield "id taken out", apply(also=covering(id=None)), "any"
    yield "a member that is not there", apply(
        also=covering(extra="0" * 64)), "any"
    yield "one that was never there, taken out", apply(
        also=covering(another=None))
    for name in "already", "read", "error", "seals":
        yield "covers %s" % name, apply(also=covering(**{name: "0" * 64})), \
            "any"
    for name in "step", "operator", "key", "time", "id", "covers", "prev":
        yield "has no %s" % name, apply(also=without(name)), "any"
    yield "has one member more", apply(note="x"), "any"
    yield "has one that is null", apply(note=None), "any"
    for time in "2026-02-30T00:00:00Z", "2026-11-20t08:00:00z", \
            "2026-11-20T08:00:00.5Z", "2026-11-20T08:00:00+00:00", \
            "2026-11-20 08:00:00Z", "2026-11-20", 1795161600:
        yield "at %s" % time, apply(also=lambda o, t=time: o.update(time=t)), \
            "any"
    yield "a key in capitals", apply(also=lambda o: o.update(
        key=o["key"].upper())), "any"
    yield "digests in capitals", apply(also=lambda o: o.update(covers={
        k: v.upper() for k, v in o["covers"].items()})), "any"
    yield "of another state", apply(state="pending"), "any"
    yield "a member not covered", apply(also=uncovering("person")), "any"
    yield "the state not covered", apply(also=uncovering("state")), "any"
    yield "no apply", desk.seal(fresh(), "hold"), "required"
    yield "no seal", fresh(), "required"
    yield "an empty array", dict(fresh(), seals=[]), "any"
    yield "null for one", dict(fresh(), seals=None), "required"


def another_way(desk, fresh):
    """Of the root, the signature and their forms."""
    def apply():
        record = desk.seal(fresh(), "apply")
        return record, record["seals"][0]

    for n in 1, 2, 40, 41:
        record, one = apply()
        path = [RND.choice("lr") + RND.randbytes(32).hex() for _ in range(n)]
        one["path"] = path
        one["signature"] = desk.wang.sign(seals.climb(seals.leaf(one), path))
        yield ("a path of %d" % n, record) + (("any",) if n > 40 else ())
    record, one = apply()
    one["signature"] = seals.base64.b64encode(sm.sign(
        sm.SM2, desk.wang.d, seals.leaf(one))).decode()
    yield "signed without its purpose", record, "any"
    record, one = apply()
    e = sm.digest(sm.SM2, *sm.SM2.public(desk.wang.d),
                  seals.PURPOSE + seals.leaf(one), b"")
    yield "signed for another user", signed(desk, record, one, e), "any"
    record, one = apply()
    e = sm.number(sm.sm3(seals.PURPOSE + seals.leaf(one)))
    yield "signed without the user", signed(desk, record, one, e), "any"


def signed(desk, record, one, e):
    curve, d = sm.SM2, desk.wang.d
    k = RND.randrange(1, curve.n)
    r = (e + curve.public(k)[0]) % curve.n
    s = pow(1 + d, -1, curve.n) * (k - r * d) % curve.n
    one["signature"] = seals.base64.b64encode(sm.signature(r, s)).decode()
    return record


def chains(desk, fresh):
    """Of several seals."""
    def way(*taken):
        record = fresh()
        for step in taken:
            desk.seal(record, *(step if isinstance(step, tuple) else (step,)))
        return record

    def by(step, key):
        return step, key

    yield "held", way("apply", "hold")
    yield "held twice", way("apply", "hold", "hold")
    yield "mended", way("apply", "return", "mend")
    yield "mended by another", way("apply", "return", by("mend", desk.wang2))
    yield "told, and mended", way("apply", "return", "notify", "mend")
    yield "by several keys", way("apply", by("hold", desk.li2), "return",
                                 by("mend", desk.wang2), by("hold", desk.li))
    yield "reviewed by its clerk", \
        way("apply", by("hold", desk.wang2)), "clerk"
    yield "reviewed by the clerk of before", \
        way("apply", "return", by("mend", desk.leaver),
            by("hold", desk.wang2))
    yield "reviewed by who mended it", \
        way(by("apply", desk.leaver), "return", "mend",
            by("hold", desk.wang2)), "clerk"
    yield "mended without a return", way("apply", "mend"), "any"
    yield "applied for twice", way("apply", "apply"), "any"
    yield "mended twice", way("apply", "return", "mend", "mend"), "any"
    yield "mended when it was held", way("apply", "hold", "mend"), "any"
    yield "held before it came", way("hold", "apply"), "any"
    yield "rejected, and mended", way("apply", "reject", "mend"), "any"
    yield "taken back, never made", \
        way("apply", "return", "hand-in", "mend"), "any"
    yield "255 of them", way("apply", *["hold"] * 254)
    yield "256", way("apply", *["hold"] * 255), "full"
    yield "257", way("apply", *["hold"] * 256), "any"
    record = way("apply")
    yield "told, and another state", \
        desk.seal(record, "notify", state="approved"), "any"
    yield from moved(desk, way)
    yield from of_two(desk, fresh, way)


def moved(desk, way):
    """To another region, which not all of its operators have."""
    away = desk.lines[3]["regions"][0]
    record = way("apply", "return")
    record["region"] = away
    yield "moved, not by a seal", record, "any"
    yield "moved by who is not there", \
        desk.seal(copy.deepcopy(record), "mend"), "any"
    desk.seal(record, "mend", desk.wang2)
    yield "moved", record
    yield "and reviewed", desk.seal(copy.deepcopy(record), "hold", desk.li2)
    yield "and reviewed where it was", desk.seal(record, "hold"), "any"
    record = way("apply")
    del record["region"]
    desk.seal(record, "hold", desk.wang2)
    yield "the region taken out", record, "any"


def of_two(desk, fresh, way):
    record = way("apply", "hold")
    record["seals"][1]["prev"] = ""
    one = record["seals"][1]
    one["signature"] = desk.li.sign(seals.leaf(one))
    yield "two first ones", record, "any"
    record = way("apply")
    first = copy.deepcopy(record["seals"])
    desk.seal(record, "hold")
    desk.seal(record, "hold")
    record["seals"] = first + record["seals"][2:]
    yield "one left out", record, "any"
    record = way("apply")
    desk.seal(record, "hold", also=covering(person=None))
    yield "a member taken out that is there", record, "any"
    record = way("apply")
    desk.seal(record, "hold", also=covering(person="0" * 64))
    yield "another value for one that is as it was", record, "any"
    record = way("apply")
    person = record["person"]
    record["person"] = dict(person, name="别人")
    desk.seal(record, "hold")
    record["person"] = person
    yield "an earlier value", record, "any"
    desk.seal(record, "hold")
    yield "which has come back", record, "any"
    record = way("apply")
    record["person"] = dict(person, name="别人")
    desk.seal(record, "notify")
    yield "a form by who does not take it", record, "any"
    record = way("apply")
    desk.seal(record, "hold", also=covering(card="0" * 64))
    yield "another step's member", record, "any"
    record = way("apply", "return")
    kept = record.pop("v")
    desk.seal(record, "mend")
    yield "a member less", record
    yield "which is back", dict(record, v=kept), "any"
    yield "which is null", dict(record, v=None)
    desk.seal(record, "return")
    record["v"] = kept
    desk.seal(record, "mend")
    yield "which has come back by a form", record
    record = dict(fresh(), note={"a": 1})
    desk.seal(record, "apply")
    yield "a member of its own", record
    yield "which is null there", dict(record, note=None), "any"
    yield "one more", dict(way("apply"), note=1), "any"
    yield "one more, null", dict(way("apply"), note=None)
    yield "one more, a fraction", dict(way("apply"), note=1.5), "any"
    yield "that it was done already", dict(way("apply"), already=True)
    yield "who collects it", dict(way("apply"), collector={"name": "x"}), \
        "any"
    yield "what a card says", dict(way("apply"), read={"x": 1.5})


def odd_values(desk, fresh):
    """A member of its own, with all that the canonical form speaks of."""
    for value in ("\"\\\b\f\n\r\t\x01\x1f\x7f/é卡😀\u2028",
                  {"b": 1, "a": 2, "é": 3, "a\u0300": 4, "😀": 5, "\uffff": 6,
                   "": 7, "aa": 8, "A": 9},
                  [0, -1, 1 << 53, -(1 << 53), True, False, None, [], {}, ""],
                  [[[{"x": [{"y": [None]}]}]]]):
        yield "a value %s" % json.dumps(value), desk.seal(
            dict(fresh(), note=value), "apply")


def odd_numbers(desk, fresh):
    """The same member, its number written in another way behind the seal."""
    for value, ways in ((0, ("-0", "0.0", "-0.0", "0e0", "00", "+0")),
                        (100, ("1e2", "100.0", "1E+2", "0100")),
                        (-7, ("-7.0", "-07")),
                        ((1 << 63) - 1, ("9223372036854775808",
                                         "9223372036854775807.0",
                                         "9.223372036854775807e18")),
                        (-(1 << 63), ("-9223372036854775809",))):
        record = desk.seal(dict(fresh(), note=value), "apply")
        yield "a number %d" % value, record
        for way in ways:
            yield ("as %s" % way, seals.text(record).replace(
                '"note":%d' % value, '"note":' + way)) + \
                (() if way == "-0" else ("any",))


MEMBER = {step: name for name, taken in seals.WRITES.items()
          for step in taken}


def history(desk, record, taken):
    """Its forms, with members that come, change and go."""
    out = []
    for n, step in enumerate(taken):
        record = copy.deepcopy(record)
        if step == "return":
            record["review"] = {"result": "returned", "revision": 1}
        elif step == "mend":
            record["person"] = dict(record["person"], phone="13800138000")
            record["applied"] = dict(record["applied"], revision=2)
        elif step == "make":
            record["card"] = {"number": "A00000019"}
        elif step == "unbind":
            del record["card"]
        elif step in MEMBER:
            record[MEMBER[step]] = {"step": step, "n": n}
        out.append(desk.seal(record, step))
    return out


LONG = ["apply", "return", "notify", "mend", "hold", "approve", "make",
        "unbind", "make", "finish", "notify", "collect", "take-back",
        "collect", "activate", "set-pin", "lose-for-now", "lose-for-now",
        "lose", "release", "lock", "unlock", "cancel", "hand-in", "destroy"]


def write(folder, name, values):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
        for value in values:
            f.write((value if isinstance(value, str) else
                     seals.text(value)) + "\n")


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--time", default="2026-11-20T08:00:00Z")
    p.add_argument("folder")
    o = p.parse_args()
    record = seals.parse(sys.stdin.buffer.readline())
    desk = Desk(o.time, record["region"])
    out = o.folder

    def fresh():
        return copy.deepcopy(record)

    # Written at once: some are changed further.
    cases = [(name, case if isinstance(case, str) else seals.text(case),
              *needs)
             for f in (one_seal, another_way, chains, odd_values, odd_numbers)
             for name, case, *needs in f(desk, fresh)]
    write(out, "trust", desk.lines)
    write(out, "roles", [{name: [step.who] for name, step in STEPS.items()
                          if step.who != "-"}])
    write(out, "cases", [case[1] for case in cases])
    write(out, "want", ["%s %s" % (case[2] if len(case) > 2 else "good",
                                   case[0]) for case in cases])
    write(out, "history", history(desk, record, LONG))
    write(out, "short", history(desk, record, LONG[:4]))
    another = dict(record, id="another")
    write(out, "other", history(desk, another, LONG[:4]))
    group = [dict(record, id=id) for id in ("x", record["id"], "y", "z", "w")]
    batch = []
    for step, key in ("apply", desk.wang), ("hold", desk.li):
        for one in group:
            one["state"] = STEPS[step].to
        seals.seal_group(group, step, key, o.time)
        batch.append(copy.deepcopy(group[1]))
    write(out, "batch", batch)
    write(out, "li.pem", [sm.pem("PRIVATE KEY", sm.pkcs8(
        desk.li2.curve, desk.li2.d)).rstrip("\n")])


if __name__ == "__main__":
    main()
