#!/usr/bin/env python3
"""The seals of records a second time, in plain Python.

seals.py [OPTIONS] TRUST            checks the records of standard input
seals.py --sign STEP [--operator NAME] [--time T] [--together] KEY...
                                    seals them; with several keys, one after
                                    another; --together under one Merkle root
seals.py --new sm2|p256 [--operator NAME --roles R,R --regions C,C --from T]
    KEY                             makes a key; its line of the trust file

Checking prints a line for each record, "ok" or "refused: " and the reason;
the status is 1 when one was refused. Written from ss-record(5), section
SEALS, and the table of steps in sscard(7), which it reads, alone. TRUST is
ss-trust(5); KEY is PKCS#8 in PEM, not encrypted.

  --required            the policy's seals.required
  --roles FILE          its seals.roles, {"STEP": ["ROLE", ...]}; else the
                        roles of the table
  --other-than-clerk    its review.other_than_clerk
  --mended              as ss-apply looks at a returned one
"""
import argparse
import base64
import datetime
import functools
import json
import os
import random
import re
import sys

import sm

MANUAL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "man",
                      "sscard.7")
NEVER = {"already", "read", "error", "seals"}   # covered
WRITES = {                              # behind the first
    "review": ("hold", "approve", "return", "reject"),
    "notice": ("notify",),
    "card": ("make", "unbind", "give-up", "finish"),
    "collection": ("collect", "take-back"),
    "activation": ("activate",),
    "pin": ("try-pin", "set-pin"),
    "loss": ("lose-for-now", "lose", "release", "lock", "lock-found",
             "unlock"),
    "cancellation": ("cancel", "seal", "replace", "hand-in", "destroy"),
}
FORM = {"kind", "region", "person", "documents", "photo", "extra", "applied"}
MEMBERS = {"step", "operator", "key", "time", "id", "covers", "prev", "path",
           "signature"}
PURPOSE = b"sscard seal 1\0"
SEALS_MAX, PATH_MAX = 256, 40
HASH = re.compile("[0-9a-f]{64}")
INSTANT = re.compile("[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}Z")


class Refused(Exception):
    """Why a record is not taken."""


class NoRecord(Refused):
    """It is not even one."""


# --- values and their canonical form

class Real:
    """A number that is no integer; it is kept, but has no canonical form."""

    def __init__(self, text):
        self.text = text


def whole(text):
    n = int(text)
    if not -1 << 63 <= n < 1 << 63:
        raise ValueError("a number that is too large")
    return n


def once(pairs):
    out = dict(pairs)
    if len(out) != len(pairs):
        raise ValueError("a name that stands twice")
    return out


def nothing(text):
    raise ValueError("%s is no JSON" % text)


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, sub in value.items():
            yield name
            yield from strings(sub)
    elif isinstance(value, list):
        for sub in value:
            yield from strings(sub)


def parse(line):
    """A record, or NoRecord."""
    try:
        record = json.loads(line.decode(), object_pairs_hook=once,
                            parse_int=whole, parse_float=Real,
                            parse_constant=nothing)
        for text in strings(record):
            text.encode()               # no half of a surrogate pair
            if "\0" in text:
                raise ValueError("a NUL character")
    except (ValueError, RecursionError) as e:
        raise NoRecord("not a record: %s" % e) from None
    if not isinstance(record, dict):
        raise NoRecord("not a record: not an object")
    return record


SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n",
         "\r": "\\r", "\t": "\\t"}


def quoted(text):
    return '"%s"' % "".join(
        SHORT.get(c) or ("\\u%04X" % ord(c) if c < " " else c) for c in text)


def canonical_text(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return "%d" % value
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return "[%s]" % ",".join(map(canonical_text, value))
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode())
        return "{%s}" % ",".join(
            quoted(name) + ":" + canonical_text(value[name])
            for name in names)
    raise Refused("a number that is no integer has no canonical form")


def canonical(value):
    return canonical_text(value).encode()


def digest(value):
    return sm.sm3(canonical(value)).hex()


# --- statements and trees

def leaf(seal):
    return sm.sm3(b"\0" + canonical(
        {k: v for k, v in seal.items() if k not in ("path", "signature")}))


def node(left, right):
    return sm.sm3(b"\1" + left + right)


def climb(hash_, path):
    for way in path:
        other = bytes.fromhex(way[1:])
        hash_ = node(other, hash_) if way[0] == "l" else node(hash_, other)
    return hash_


def tree(leaves):
    """The root, and each leaf's path (RFC 9162, section 2.1)."""
    n = len(leaves)
    if n == 1:
        return leaves[0], [[]]
    k = 1 << (n - 1).bit_length() - 1
    left, left_paths = tree(leaves[:k])
    right, right_paths = tree(leaves[k:])
    return node(left, right), \
        [path + ["r" + right.hex()] for path in left_paths] + \
        [path + ["l" + left.hex()] for path in right_paths]


@functools.lru_cache(1 << 16)
def signed(public, root, signature):
    return sm.check(*public, PURPOSE + root, signature)


# --- steps, by the table of sscard(7)

class Step:
    def __init__(self, to, card_to, who):
        self.to, self.card_to, self.who = to, card_to, who
        self.states, self.cards = set(), set()


def steps(manual=MANUAL):
    out, step = {}, None
    with open(manual, encoding="utf-8") as page:
        lines = page.read().split("\n.Bl -column ")[1].split("\n.El")[0]
    for line in lines.split("\n")[2:]:
        cells = [[]]
        for word in line.split()[1:]:
            if word == "Ta":
                cells.append([])
            else:
                cells[-1].append(word)
        name, state, to, card, card_to, who = (
            cell[0] if cell else None for cell in cells)
        if name:
            step = out[name] = Step(to, card_to, who)
        step.states |= {state} - {None}
        step.cards |= {card} - {None}
    return out


class Way:
    """Where a record may stand behind some of its steps; anywhere at first. A
    loss may lapse at any time, which nobody seals."""

    def __init__(self, table):
        self.states = set().union(*(s.states for s in table.values()))
        self.cards = set().union(*(s.cards for s in table.values())) - {"any"}

    def take(self, step):
        if "temporarily-lost" in self.cards:
            self.cards.add("normal")
        states = self.states & step.states
        cards = self.cards if "any" in step.cards else self.cards & step.cards
        if not states or not cards:
            return False
        self.states = {step.to} if step.to else states
        if step.card_to:
            cards = {"none" if card == "none" and step.card_to == "cancelled"
                     else step.card_to for card in cards}
        self.cards = set(cards)
        return True


# --- who is known

class Trusted:
    def __init__(self, line):
        value = {k: v for k, v in parse(line).items() if v is not None}
        self.operator, self.key = value["operator"], value["key"]
        spki = base64.b64decode(value["public"], validate=True)
        self.public = sm.spki_key(spki)
        if sm.sm3(spki).hex() != self.key or \
                self.public[0].name != value["algorithm"]:
            raise ValueError("%s: not this key" % self.operator)
        self.roles = set(value["roles"])
        self.regions = value["regions"]
        self.start, self.until = value["from"], value.get("until")
        self.revoked = value.get("revoked")

    def at(self, time):
        return self.start <= time and \
            (self.until is None or time < self.until) and \
            (self.revoked is None or time < self.revoked)

    def within(self, region):
        """A code that ends in pairs of zeros is that of all below it."""
        return isinstance(region, str) and any(
            re.fullmatch(re.sub("(00){1,3}$", "", own) + "[0-9]*", region)
            and len(region) == 6 for own in self.regions)


def trust(lines):
    out = {}
    for line in lines:
        one = Trusted(line)
        if one.key in out:
            raise ValueError("%s: a key that stands twice" % one.operator)
        out[one.key] = one
    return out


# --- checking

def a_hash(text):
    return isinstance(text, str) and HASH.fullmatch(text)


def an_instant(text):
    try:
        return isinstance(text, str) and INSTANT.fullmatch(text) and \
            datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return False


def a_signature(text):
    """Its bytes, when the base64 is what these bytes have."""
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, TypeError):
        return None
    return data if base64.b64encode(data).decode() == text else None


FORMS = {
    "step": lambda v: isinstance(v, str),
    "operator": lambda v: isinstance(v, str),
    "key": a_hash,
    "time": an_instant,
    "id": lambda v: isinstance(v, str),
    "covers": lambda v: isinstance(v, dict) and not NEVER & set(v) and
    all(d is None or a_hash(d) for d in v.values()),
    "prev": lambda v: v == "" or a_hash(v),
    "path": lambda v: isinstance(v, list) and len(v) <= PATH_MAX and
    all(isinstance(w, str) and w[:1] in ("l", "r") and a_hash(w[1:])
        for w in v),
    "signature": lambda v: isinstance(v, str) and a_signature(v) is not None,
}


class Checker:
    def __init__(self, known, roles=None, required=False,
                 other_than_clerk=False, manual=MANUAL):
        self.known, self.required = known, required
        self.other_than_clerk = other_than_clerk
        self.steps = steps(manual)
        self.roles = roles if roles is not None else {
            name: [step.who] for name, step in self.steps.items()}

    def check(self, record, mended=False):
        """Refused, or nothing."""
        members = {k: v for k, v in record.items()
                   if v is not None and k not in NEVER}
        seals = record.get("seals")
        if seals is None:
            seals = []
        elif not isinstance(seals, list) or not 0 < len(seals) <= SEALS_MAX:
            raise Refused("seals: not an array of 1 to 256")
        self.chain(seals, members)
        placed = max((number for number, seal in enumerate(seals, 1)
                      if "region" in seal["covers"]), default=1)
        for number, seal in enumerate(seals, 1):
            self.signer(number, seal,
                        members.get("region", "") if number >= placed and
                        seal["step"] not in ("replace", "hand-in") else None)
        self.members(seals, members, mended)
        self.order(seals, members)

    def chain(self, seals, members):
        prev = ""
        for number, seal in enumerate(seals, 1):
            if not isinstance(seal, dict) or set(seal) != MEMBERS:
                raise Refused("seal %d: not its members" % number)
            for name, form in FORMS.items():
                if not form(seal[name]):
                    raise Refused("seal %d: %s" % (number, name))
            if seal["step"] not in self.steps:
                raise Refused("seal %d: no such step" % number)
            if seal["id"] != members.get("id"):
                raise Refused("seal %d: of another record" % number)
            if seal["prev"] != prev:
                raise Refused("seal %d: does not follow" % number)
            prev = leaf(seal).hex()
        if seals and not seals[0]["covers"].get("id"):
            raise Refused("seal 1: does not cover id")

    def signer(self, number, seal, region):
        """Of one that was made for another region nobody knows which."""
        one = self.known.get(seal["key"])
        if one is None or one.operator != seal["operator"]:
            raise Refused("seal %d: not known" % number)
        if not one.at(seal["time"]):
            raise Refused("seal %d: the key was not valid" % number)
        if region is not None and not one.within(region):
            raise Refused("seal %d: another region" % number)
        if not one.roles & set(self.roles.get(seal["step"], ())):
            raise Refused("seal %d: no role for %s" % (number, seal["step"]))
        if not signed(one.public, climb(leaf(seal), seal["path"]),
                      a_signature(seal["signature"])):
            raise Refused("seal %d: the signature" % number)

    def members(self, seals, members, mended):
        latest = covered(seals)
        mended = mended and self.state(seals) == "returned"
        for name, want in latest.items():
            if mended and name in FORM:
                continue
            if name not in members:
                if want is not None:
                    raise Refused("member %s: was taken out" % name)
            elif want is None:
                raise Refused("member %s: was put in" % name)
            elif digest(members[name]) != want:
                raise Refused("member %s: is not what was sealed" % name)
        for name in members if seals else ():
            if name not in latest and not mended:
                raise Refused("member %s: nobody sealed it" % name)

    def state(self, seals):
        states = [self.steps[seal["step"]].to for seal in seals]
        return next((state for state in reversed(states) if state), None)

    def order(self, seals, members):
        state = self.state(seals)
        if state and members.get("state") != state:
            raise Refused("state: not the one of the last step")
        clerk = None
        for number, seal in enumerate(seals, 1):
            who = self.steps[seal["step"]].who
            if seal["step"] in ("apply", "mend"):
                clerk = seal["operator"]
            elif self.other_than_clerk and who == "reviewer" and \
                    seal["operator"] == clerk:
                raise Refused("seal %d: by the clerk" % number)
        if self.required and not seals:
            raise Refused("there is no seal")
        if self.required and seals[0]["step"] != "apply":
            raise Refused("seal 1: not of apply")
        for number, seal in enumerate(seals[1:], 2):
            step = seal["step"]
            may = {name for name, by in WRITES.items() if step in by}
            may |= {"state"} if self.steps[step].to else set()
            if step not in ("apply", "mend") and set(seal["covers"]) - may:
                raise Refused("seal %d: covers what it does not write"
                              % number)
        way = Way(self.steps)
        for number, seal in enumerate(seals, 1):
            if not way.take(self.steps[seal["step"]]):
                raise Refused("seal %d: not a step from there" % number)


def covered(seals):
    """What the seals say of each member, the latest each."""
    out = {}
    for seal in seals:
        out.update(seal["covers"])
    return out


# --- making

class Key:
    def __init__(self, curve, d, operator):
        self.curve, self.d, self.operator = curve, d, operator
        self.spki = sm.spki(curve, *curve.public(d))
        self.id = sm.sm3(self.spki).hex()

    def sign(self, root):
        return base64.b64encode(
            sm.sign(self.curve, self.d, PURPOSE + root)).decode()

    def trusted(self, roles, regions, start):
        return {"operator": self.operator, "key": self.id,
                "algorithm": self.curve.name,
                "public": base64.b64encode(self.spki).decode(),
                "roles": roles, "regions": regions, "from": start}


def statement(record, step, key, time):
    """A seal that lacks path and signature."""
    seals = record.get("seals") or []
    latest = covered(seals)
    now = {k: digest(v) for k, v in record.items()
           if k not in NEVER and v is not None}
    covers = {k: v for k, v in now.items() if latest.get(k) != v}
    covers.update({k: None for k, v in latest.items()
                   if v is not None and k not in now})
    return {"step": step, "operator": key.operator, "key": key.id,
            "time": time, "id": record["id"], "covers": covers,
            "prev": leaf(seals[-1]).hex() if seals else ""}


def seal_group(records, step, key, time):
    """Seals them all with one signature."""
    seals = [statement(record, step, key, time) for record in records]
    root, paths = tree([leaf(seal) for seal in seals])
    signature = key.sign(root)
    for record, seal, path in zip(records, seals, paths):
        seal.update(path=path, signature=signature)
        record["seals"] = (record.get("seals") or []) + [seal]


def seal(record, step, key, time):
    seal_group([record], step, key, time)


def text(record):
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"),
                      default=lambda real: float(real.text))


# --- the program

def read_key(path, operator):
    with open(path, encoding="ascii") as f:
        return Key(*sm.pkcs8_key(sm.pem_data(f.read())), operator)


def make_key(o):
    curve = sm.CURVES[o.new]
    d = random.SystemRandom().randrange(1, curve.n - 1)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with open(os.open(o.file[0], flags, 0o600), "w", encoding="ascii") as f:
        f.write(sm.pem("PRIVATE KEY", sm.pkcs8(curve, d)))
    print(text(Key(curve, d, o.operator).trusted(
        o.roles.split(","), o.regions.split(","), o.start)))


def sign_all(o, lines):
    time = o.time or datetime.datetime.utcnow().strftime("%Y-%m-%dT%H:%M:%SZ")
    records = [parse(line) for line in lines]
    groups = [records] if o.together else [[r] for r in records]
    for path in o.file:
        key = read_key(path, o.operator)
        for group in groups:
            seal_group(group, o.sign, key, time)
    for record in records:
        print(text(record))


def check_all(o, lines):
    roles = None
    if o.roles:
        with open(o.roles, encoding="utf-8") as f:
            roles = json.load(f)
    with open(o.file[0], "rb") as f:
        checker = Checker(trust(f.read().splitlines()), roles, o.required,
                          o.other_than_clerk)
    bad = 0
    for line in lines:
        try:
            checker.check(parse(line), o.mended)
            print("ok")
        except Refused as e:
            bad = 1
            print("refused: %s" % e)
    return bad


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--required", action="store_true")
    p.add_argument("--roles")
    p.add_argument("--other-than-clerk", action="store_true")
    p.add_argument("--mended", action="store_true")
    p.add_argument("--sign", metavar="STEP")
    p.add_argument("--together", action="store_true")
    p.add_argument("--new", choices=list(sm.CURVES))
    p.add_argument("--operator", default="")
    p.add_argument("--regions", default="000000")
    p.add_argument("--time")
    p.add_argument("--from", dest="start", default="2026-01-01T00:00:00Z")
    p.add_argument("file", nargs="+")
    o = p.parse_args()
    if o.new:
        return make_key(o)
    lines = [line.rstrip(b"\n") for line in sys.stdin.buffer]
    return sign_all(o, lines) if o.sign else check_all(o, lines)


if __name__ == "__main__":
    sys.exit(main())
