#!/usr/bin/env python3
"""What ss-apply and ss-verify do without files, as a Python program.

peer.py apply  [-o NAME] [-R CODE] [FILE]    forms become applications
peer.py verify [-o NAME] [-R CODE] [FILE]    applications are reviewed
peer.py ... --compare OURS [FILE]  works through the input too, and tells
    where OURS, what the command made of it, says something else

It is the bench's peer, and a second opinion on the rules. Files are not
looked at: a document counts as it is named, a photo as if it were not there.
"""
import argparse
import datetime
import json
import os
import re
import socket
import sys
import time

TOP = os.environ.get("SS_TOP", os.path.join(os.path.dirname(__file__), "../.."))
DATA = os.environ.get("SSCARD_DATA", os.path.join(TOP, "lib/data"))
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"
SOCIAL_TYPES = frozenset(("citizen", "household", "residence-permit",
                          "permanent-resident"))
DOMESTIC = frozenset(("citizen", "household"))
RESIDENCE = frozenset(("810000", "820000", "830000"))
OUT_OF_THE_WAY = frozenset(("rejected", "returned", "cancelled"))
GROUP_RECORDS, GROUP_BYTES = 256, 1 << 20
LOOK_ALIKE = "a look-alike of the middle dot; the name's dot is U+00B7"

WHITE = " \t\n\v\f\r"
date = datetime.date
OLDEST = date(1880, 1, 1)
ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]"
                 r"([0-9]{1,2})日?").fullmatch
DAY8 = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})").fullmatch
CONTROL = re.compile(r"[\0-\x1f\x7f]").search
BREAKS = re.compile(r"[\t\r\n]+").sub
ALNUM = re.compile(r"[0-9A-Za-z]{1,31}").fullmatch
EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]").fullmatch
HKMO = re.compile(r"[HM][0-9]{8}").fullmatch
TW = re.compile(r"[0-9]{8}").fullmatch
PERMANENT = re.compile(r"[A-Z]{3}[0-9]{12}").fullmatch
DIGIT = re.compile(r"[0-9]").search
COUNTRY = re.compile(r"[A-Z]{3}").fullmatch
PHONE = re.compile(r"\+?[0-9]+").fullmatch
MOBILE = re.compile(r"1[3-9][0-9]{9}|\+[0-9]{7,}").fullmatch
REGION = re.compile(r"[0-9]{2}(?:[0-9]{2}){0,2}").fullmatch
ID = re.compile(r"[0-9A-Za-z._-]{1,64}").fullmatch
NAME = re.compile("([\u0387\u2022\u2027\u2219\u22c5\u30fb\uff0e\uff65])"
                  "|(^\u00b7|\u00b7\u00b7|\u00b7\\Z)"
                  "|([\0-\x1f\x7f-\x9f\xad\u2000-\u200f\u2028-\u202f"
                  "\u205f-\u206f\ue000-\uf8ff\ufe00-\ufe0f\ufeff"
                  "\ufff0-\uffff\U000e0000-\U0010ffff])"
                  "|([\u3000\u00a0])|([0-9])").search
NAME_NOTES = (None, LOOK_ALIKE, "a middle dot that separates nothing",
              "a character that cannot be seen or has no agreed meaning",
              "a wide or fixed space", "a digit")
# What stands for characters that Python encodes otherwise than iconv(3). Its
# GB 18030 is that of 2000; later editions give some two bytes. Its GBK has no
# euro sign, one byte, and does not pass over tags.
STAND_INS = {
    "GB18030": dict.fromkeys([
        0x1e3f, *range(0x9fb4, 0x9fbc), *range(0xfe10, 0xfe1a), 0x20087,
        0x20089, 0x200cc, 0x215d7, 0x2298f, 0x241fe], "\u4e00"),
    "GBK": {0x20ac: "A", **dict.fromkeys(range(0xe0000, 0xe0080), "")}}
SEPARATORS = str.maketrans("", "", " -()")


class Refused(Exception):
    def __init__(self, message, code="invalid"):
        super().__init__(message)
        self.code = code


# Data: words, regions, policies.

def read_json(*names):
    with open(os.path.join(DATA, *names), encoding="utf-8") as f:
        return json.load(f)


def read_words(sets):
    words = {}
    for name, members in sets.items():
        known = words[name] = {}
        for word, v in members.items():
            for text in (word, v["zh"], v["en"], *v.get("also", ())):
                known.setdefault(text, word)
    return words


def read_regions():
    """The last year of each code's newest name, 0 while it is in force."""
    life = {}
    with open(os.path.join(DATA, "regions.tsv"), encoding="utf-8") as f:
        for line in f:
            if line[0] != "#":
                code, _, last, _ = line.split("\t")
                life[code] = 0 if last == "-" else int(last)
    return life


def merge(base, over):
    for name, v in over.items():
        if v is None:
            base.pop(name, None)
        elif isinstance(v, dict) and isinstance(base.get(name), dict):
            merge(base[name], v)
        else:
            base[name] = v


class Policy:
    """The members used here, of a region's file and those above it."""

    def __init__(self, files):
        root = {}
        for name in files:
            merge(root, read_json("policies", name))
        a, card = root["apply"], root["card"]
        self.id_types = frozenset(a["id_types"])
        self.through = frozenset(a["through"])
        self.guardian_below = a["guardian_below"]
        self.represents_from = a["representative_from"]
        self.fields = a["fields"]
        self.documents = tuple(a["documents"].items())
        self.social = {kind: re.compile(p).search for kind, p in
                       a.get("social_number", {}).items()}
        self.photo_from = root["photo"]["required_from_age"]
        self.other_than_clerk = root["review"]["other_than_clerk"]
        self.reject = frozenset(root["review"]["reject"])
        self.manual = root["review"]["manual"]
        self.encoding = card["name_encoding"]
        self.name_bytes = card["name_bytes"]
        self.extension = card["name_extension_bytes"]
        self.handlers = root["employer"]["handlers"]


class Policies:
    def __init__(self):
        self.names = set(os.listdir(os.path.join(DATA, "policies")))
        self.cache = {}

    def get(self, region):
        policy = self.cache.get(region)
        if policy is None:
            files = ["00.json"]
            for n in (2, 4, 6):
                name = region[:n] + ".json"
                if name in self.names and region[:n] != "00":
                    files.append(name)
            policy = self.cache[region] = Policy(files)
        return policy


# Fields: each reader takes a text and gives it in its one form.

def read_text(text):
    if len(text) > 170 and len(text.encode()) > 512:
        raise Refused("longer than 512 bytes")
    if CONTROL(text):
        text = BREAKS(" ", text)
        if CONTROL(text):
            raise Refused("holds a control character")
    return text


def read_number(text):
    if not ALNUM(text):
        raise Refused("no number of a document")
    return text.upper()


def read_phone(text):
    text = text.translate(SEPARATORS)
    if len(text) > 24 or not PHONE(text):
        raise Refused("not a telephone number")
    if len(text) == 14 and text[:3] == "+86":
        text = text[3:]
    elif len(text) == 15 and text[:4] == "0086":
        text = text[4:]
    if len(text) < 5:
        raise Refused("not a telephone number")
    return text


def read_date(text):
    try:
        if ISO(text):
            date.fromisoformat(text)
            return text
        m = DAY(text) or DAY8(text)
        if m:
            return date(int(m[1]), int(m[2]), int(m[3])).isoformat()
    except ValueError:
        pass
    raise Refused("no date of the calendar")


def read_end_date(text):
    if text in ("长期", "长期有效", "life", "for life"):
        return "9999-12-31"
    return read_date(text)


def read_region(text):
    if not REGION(text):
        raise Refused("no region")
    return text.ljust(6, "0")


def check_place(rec):
    """What is built on has to be of a region, whose policy may want seals."""
    if isinstance(rec.get("region"), str):
        read_region(rec["region"])


def word_reader(known):
    def read(text):
        try:
            return known[text]
        except KeyError:
            raise Refused("not one of the words") from None
    return read


def country_reader(known):
    def read(text):
        word = known.get(text)
        if word is None and COUNTRY(text):
            word = text
        if word is None:
            raise Refused("no country")
        return word
    return read


class Rules:
    def __init__(self, args):
        sets = read_json("words.json")
        words = read_words(sets)
        self.about = {check: v.get("about")
                      for check, v in sets["check"].items()}
        word = {name: word_reader(known) for name, known in words.items()}
        other = {"name": read_text, "id_type": word["id_type"],
                 "id_number": read_number, "phone": read_phone}
        self.kind, self.through = word["kind"], word["through"]
        self.person = {
            "name": read_text, "id_type": word["id_type"],
            "id_number": read_number, "social_number": read_number,
            "sex": word["sex"], "ethnic": word["ethnic"],
            "nationality": country_reader(words["nationality"]),
            "birth_date": read_date, "id_from": read_date,
            "id_until": read_end_date, "phone": read_phone,
            "address": read_text, "occupation": read_text,
            "household": word["household"],
            "collection": word["collection"],
            "guardian": {**other, "relation": word["relation"]},
            "proxy": other,
            "employer": {"name": read_text, "code": read_number}}
        self.order = [(name, reader if isinstance(reader, dict) else None)
                      for name, reader in self.person.items()]
        self.regions = read_regions()
        self.policies = Policies()
        self.region = args.region and read_region(args.region)
        self.by, self.station = args.operator, args.station
        self.changed = False

    def policy(self, region):
        region = self.region or region
        if region is None:
            raise Refused("region: is missing")
        return self.policies.get(region)

    def read_object(self, readers, v, path):
        if not isinstance(v, dict):
            raise Refused(path + ": an object is wanted")
        out = {}
        for name, text in v.items():
            reader = readers.get(name)
            if reader is None:
                raise Refused("%s.%s: no such member" % (path, name))
            if text is None:
                continue
            if isinstance(reader, dict):
                out[name] = self.read_object(reader, text, path + "." + name)
            else:
                text = self.read_field(reader, text)
                if text is not None:
                    out[name] = text
        return out

    def read_field(self, reader, text):
        if text is None:
            return None
        if not isinstance(text, str):
            raise Refused("a string is wanted")
        given = text
        if reader is not read_number:
            text = text.strip(WHITE)
        if not text:
            return None
        text = reader(text)
        if text != given:
            self.changed = True
        return text

    def read_form(self, rec):
        """Region, person and through of a record, normalised; changed tells
        whether one of them was not so before."""
        self.changed = False
        region = self.read_field(read_region, rec.get("region"))
        person = rec.get("person")
        person = {} if person is None else \
            self.read_object(self.person, person, "person")
        applied = rec.get("applied")
        through = None
        if isinstance(applied, dict):
            through = self.read_field(self.through, applied.get("through"))
        return region, person, through


# Numbers: what they imply is (birth, sex, region, nationality), None each.

def check_eighteen(number):
    if not EIGHTEEN(number):
        raise Refused("not 17 digits and a digit or X at the end")
    try:
        birth = date(int(number[6:10]), int(number[10:12]),
                     int(number[12:14]))
    except ValueError:
        raise Refused("digits 7 to 14 are no date") from None
    total = 0
    for w, c in zip(WEIGHTS, number):
        total += w * int(c)
    if CHECK[total % 11] != number[17]:
        raise Refused("the last character does not fit the others")
    return birth


def check_number(kind, number, today):
    sex = region = nationality = birth = None
    if kind in ("citizen", "household", "residence-permit"):
        birth = check_eighteen(number)
        sex = "1" if number[16] in "13579" else "2"
        if kind == "residence-permit":
            if number[:6] not in RESIDENCE:
                raise Refused("does not begin with 810000, 820000 or 830000")
        elif number[0] == "9":
            raise Refused("begins with 9")
        elif number[:6] in RESIDENCE:
            raise Refused("begins as a residence permit's")
        else:
            region, nationality = number[:6], "CHN"
    elif kind == "hkmo-permit":
        if not HKMO(number):
            raise Refused("not H or M and 8 digits")
    elif kind == "tw-permit":
        if not TW(number):
            raise Refused("not 8 digits")
    elif kind == "passport":
        if not 5 <= len(number) <= 15 or not DIGIT(number):
            raise Refused("no passport")
    elif PERMANENT(number):
        nationality = number[:3]
    elif len(number) == 18 and number[0] == "9":
        birth = check_eighteen(number)
    else:
        raise Refused("no permanent resident card")
    if birth and birth < OLDEST:
        raise Refused("a birth before 1880")
    if birth and birth > today:
        raise Refused("a birth in the future")
    return birth, sex, region, nationality


def check_social(policy, kind, number, social):
    if kind in SOCIAL_TYPES and len(number) == 18:
        return number == social
    pattern = policy.social.get(kind)
    return len(social) <= 18 and (pattern is None or bool(pattern(social)))


def age_on(birth, today):
    return today.year - birth.year - (
        (today.month, today.day) < (birth.month, birth.day))


# ss-verify

def other_fault(policy, who, own, today):
    """What is wrong with a guardian or proxy."""
    if "name" not in who:
        return "the name is missing"
    number = who.get("id_number")
    if number is None:
        return "the number of the document is missing"
    if number == own:
        return "is the applicant"
    try:
        birth = check_number(who.get("id_type", "citizen"), number, today)[0]
    except Refused as e:
        return str(e)
    if birth and age_on(birth, today) < policy.represents_from:
        return "is younger than apply.representative_from asks"
    return None


def asked(when, minor, through, kind):
    if when == "always":
        return True
    if when == "minor":
        return minor
    if when == "foreign":
        return kind is not None and kind not in DOMESTIC
    if when == "guardian" and minor:
        return True
    return when == (through or ("guardian" if minor else "holder"))


def name_checks(policy, name, add):
    m = NAME(name)
    add("name-characters", not m, member="person.name",
        note=m and NAME_NOTES[m.lastindex])
    name = name.translate(STAND_INS[policy.encoding])
    try:
        size = len(name.encode(policy.encoding))
    except UnicodeEncodeError:
        add("name-encoding", False, member="person.name",
            need=policy.encoding)
        return
    add("name-encoding", True)
    if size <= policy.name_bytes:
        add("name-length", True, value=size)
        return
    first = 0
    for c in name:
        n = len(c.encode(policy.encoding))
        if first + n > policy.name_bytes:
            break
        first += n
    add("name-length", size - first <= policy.extension, value=size,
        member="person.name", split=first)


def run_checks(rules, rec, form, policy, today, duplicate):
    """The checks in the order of ss-verify(1): the list, and what failed."""
    region, person, through = form
    checks, mend = [], []
    get = person.get

    def add(name, good, value=None, split=None, need=None, member=None,
            note=None, by=None):
        c = {"check": name, "ok": good}
        if value is not None:
            c["value"] = value
        if split is not None:
            c["split"] = split
        if by is not None:
            c["by"] = by
        if good is False:
            mend.append(name)
            if need is not None:
                c["need"] = need
            if member is not None:
                c["member"] = member
        if note is not None:
            c["note"] = note
        checks.append(c)

    missing = [f for f in policy.fields if f not in person]
    add("fields", not missing, member="person",
        note="missing: " + ", ".join(missing) if missing else None)
    kind, number, social = get("id_type"), get("id_number"), \
        get("social_number")
    add("id-type", kind in policy.id_types, member="person.id_type")
    add("through", through in policy.through, member="applied.through")

    implied, good, note = (None, None, None, None), False, None
    if kind is None or number is None:
        note = "missing"
    else:
        try:
            implied = check_number(kind, number, today)
            good = True
        except Refused as e:
            note = str(e)
    add("number", good, member="person.id_number", note=note)
    born, sex, origin, _ = implied
    if origin:
        last = rules.regions.get(origin)
        note = None
        if last is None:
            note = "the code is in no edition of GB/T 2260 known here"
        elif last != 0 and last < born.year:
            note = "the code was last in the edition of %d, before the " \
                "birth" % last
        add("number-region", True, note=note)
    if social is None or good:
        add("social-number", social is not None and
            check_social(policy, kind, number, social),
            member="person.social_number")

    birth, age, note = get("birth_date"), -1, None
    if birth is None:
        note = "missing"
    else:
        birth = date.fromisoformat(birth)
        if birth > today:
            note = "lies in the future"
        else:
            age = age_on(birth, today)
            if birth < OLDEST:
                note = "before 1880"
            elif born and born != birth:
                note = "is not that of the number"
    add("birth-date", note is None, value=age if age >= 0 else None,
        member="person.birth_date", note=note)
    given = get("sex")
    if given is not None:
        add("sex", sex is None or sex == given, member="person.sex")
    until = get("id_until")
    if until is not None:
        begin, now, note = get("id_from"), today.isoformat(), None
        if begin is not None and begin > until:
            note = "the document ends before it begins"
        elif until < now:
            note = "the document has expired"
        elif begin is not None and begin > now:
            note = "the document is not valid yet"
        add("id-valid", note is None, value=until, member="person.id_until",
            note=note)

    minor = 0 <= age < policy.guardian_below
    guardian = get("guardian", {})
    if minor or "id_number" in guardian:
        note = other_fault(policy, guardian, number, today)
        if note is None and "relation" not in guardian:
            note = "the relation is missing"
        add("guardian", note is None, member="person.guardian", note=note)
    proxy = get("proxy", {})
    if through == "proxy" or "name" in proxy:
        note = other_fault(policy, proxy, number, today)
        add("proxy", note is None, member="person.proxy", note=note)
    phone = get("phone")
    if phone is not None:
        add("phone", bool(MOBILE(phone)), member="person.phone")
    name = get("name")
    if name is not None:
        name_checks(policy, name, add)
    add("duplicate", not duplicate, member="person")

    documents = rec.get("documents") or ()
    kinds = [d.get("kind") for d in documents if isinstance(d, dict)]
    missing = []
    for document, when in policy.documents:
        if asked(when, minor, through, kind):
            copies = policy.handlers if document == "handler-identity" else 1
            if kinds.count(document) < copies:
                missing.append(document if copies <= 1 else
                               "%s (%d)" % (document, copies))
    add("documents", not missing, value=len(documents), member="documents",
        note="missing: " + ", ".join(missing) if missing else None)
    if documents:
        checks.append({"check": "digests", "ok": True,
                       "value": len(documents)})
    if age < 0 or age >= policy.photo_from:
        add("photo", False, member="photo", note="missing")
    for check in policy.manual:
        if rules.about[check] != "photo":
            good, by, note = answer(rec, check)
            add(check, good, by=by, member=rules.about[check], note=note)
    return checks, mend


def answer(rec, check):
    """To a check of the eye, by an earlier review of the same revision."""
    review = rec.get("review")
    if isinstance(review, dict) and is_count(review.get("revision")) and \
            review["revision"] == rec["applied"]["revision"] and \
            isinstance(review.get("checks"), list):
        for c in review["checks"]:
            if isinstance(c, dict) and c.get("check") == check and \
                    isinstance(c.get("ok"), bool):
                return c["ok"], c.get("by", ""), c.get("note")
    return None, None, None


def is_count(v):
    return type(v) is int and -2 ** 53 <= v <= 2 ** 53


class Verify:
    def __init__(self, rules):
        self.rules = rules
        self.seen = set()
        self.failed = {}

    def begin(self):
        """A group; of each person in it, whether the first record failed."""
        self.failed = {}

    def one(self, rec, now, today):
        state, person = rec.get("state"), rec.get("person")
        number = None
        if isinstance(state, str) and state not in OUT_OF_THE_WAY and \
                isinstance(person, dict):
            number = person.get("social_number")
            number = number.upper() if isinstance(number, str) and \
                ALNUM(number) else None
        if isinstance(state, str):
            self.place(rec, number)
        if state in ("applied", "pending") or not isinstance(state, str):
            self.due(rec, number, now, today)
        elif state == "approved":
            rec["already"] = True
        if number is not None:
            self.failed.setdefault(number, False)
            self.seen.add(number)

    def place(self, rec, number):
        try:
            check_place(rec)
        except Refused:
            if number is not None:
                self.failed.setdefault(number, True)
            raise

    def due(self, rec, number, now, today):
        duplicate = number in self.failed or number in self.seen
        try:
            review = self.review(rec, duplicate, now, today)
        except Refused:
            if number is not None:
                self.failed.setdefault(number, True)
            raise
        if self.failed.get(number):
            raise Refused("an earlier record of this person failed; run "
                          "again when it is mended", "state")
        rec["review"] = review
        rec["state"] = review["result"]
        rec.pop("already", None)

    def review(self, rec, duplicate, now, today):
        rules, applied = self.rules, rec.get("applied")
        if not isinstance(applied, dict):
            applied = {}
        if not isinstance(rec.get("id"), str) or \
                not isinstance(applied.get("by"), str) or \
                not isinstance(rec.get("person"), dict) or \
                not is_count(applied.get("revision")):
            raise Refused("no application")
        if not isinstance(rec.get("state"), str):
            raise Refused("state: is missing")
        form = rules.read_form(rec)
        if rules.changed:
            raise Refused("person: not as ss-apply writes it")
        policy = rules.policy(form[0])
        if policy.other_than_clerk and applied["by"] == rules.by:
            raise Refused("the reviewer is the clerk", "policy")
        checks, mend = run_checks(rules, rec, form, policy, today, duplicate)
        if not policy.reject.isdisjoint(mend):
            result = "rejected"
        elif mend:
            result = "returned"
        else:
            result = "approved" if all(c["ok"] for c in checks) else "pending"
        review = {"checks": checks}
        if mend:
            review["mend"] = mend
        review.update(result=result, time=now, by=rules.by,
                      station=rules.station, revision=applied["revision"])
        return review


# ss-apply

def imply(person, name, value):
    if value is not None and person.setdefault(name, value) != value:
        raise Refused("person.%s: contradicts the number" % name)


class Apply:
    def __init__(self, rules):
        self.rules = rules
        self.last = self.counter = 0
        self.random, self.at = b"", 0

    def begin(self):
        """A group of records; each stands for itself."""

    def uuid7(self):
        """Version 7 of RFC 9562, ascending."""
        ms = time.time_ns() // 1000000
        if self.at == len(self.random):
            self.random, self.at = os.urandom(4096), 0
        chunk = self.random[self.at:self.at + 16]
        self.at += 16
        tail = int.from_bytes(chunk[:8], "big")
        if ms > self.last:
            self.last, self.counter = ms, chunk[8] << 3
        else:
            self.counter += 1
            if self.counter > 0xfff:
                self.last, self.counter = self.last + 1, 0
        h = "%012x7%03x%016x" % (self.last, self.counter,
                                 tail >> 2 | 1 << 63)
        return "%s-%s-%s-%s-%s" % (h[:8], h[8:12], h[12:16], h[16:20], h[20:])

    def one(self, rec, now, today):
        state = rec.get("state")
        if isinstance(state, str):
            check_place(rec)
        if state == "applied":
            rec["already"] = True
            return
        if isinstance(state, str) and state != "returned":
            return
        if not isinstance(rec.get("person"), dict):
            raise Refused("person: is missing")
        revision = 1
        if state == "returned":
            before = rec.get("applied")
            if not isinstance(before, dict) or \
                    not is_count(before.get("revision")) or \
                    before["revision"] < 1:
                raise Refused("applied.revision: is missing")
            revision = before["revision"] + 1
        self.fill(rec, revision, now, today)

    def fill(self, rec, revision, now, today):
        rules = self.rules
        region, person, through = rules.read_form(rec)
        region = self.complete(person, region or rules.region, today)
        last = rules.regions.get(region)
        if last is None or last != 0:
            raise Refused("region: no code in force")
        policy = rules.policy(region)
        through = self.check(policy, person, through, today)
        if "name" not in person:
            raise Refused("person.name: is missing")
        given = rec.get("id")
        if given is None:
            given = self.uuid7()
        elif not isinstance(given, str) or not ID(given):
            raise Refused("id: letters and digits are wanted")
        kind = rec.get("kind")
        if kind is None or kind == "":
            kind = "new"
        elif not isinstance(kind, str):
            raise Refused("kind: a string is wanted")
        else:
            kind = rules.kind(kind)
        rec["v"] = 1
        rec["id"] = given
        rec["kind"] = kind
        rec["region"] = region
        rec["person"] = self.ordered(person, rules.order)
        rec["applied"] = {"time": now, "by": rules.by,
                          "station": rules.station, "revision": revision,
                          "through": through}
        rec["state"] = "applied"
        rec.pop("already", None)

    def ordered(self, v, order):
        out = {}
        for name, below in order:
            if name in v and below is None:
                out[name] = v[name]
            elif v.get(name):
                out[name] = self.ordered(v[name], [(n, None) for n in below])
        return out

    @staticmethod
    def complete(person, region, today):
        number = person.get("id_number")
        if number is None:
            raise Refused("person.id_number: is missing")
        kind = person.setdefault("id_type", "citizen")
        birth, sex, origin, nation = check_number(kind, number, today)
        if kind in SOCIAL_TYPES and len(number) == 18:
            imply(person, "social_number", number)
        imply(person, "birth_date", birth and birth.isoformat())
        imply(person, "sex", sex)
        imply(person, "nationality", nation)
        return region or origin

    @staticmethod
    def check(policy, person, through, today):
        kind, birth = person["id_type"], person.get("birth_date")
        if kind not in policy.id_types:
            raise Refused("person.id_type: not accepted", "policy")
        if birth is None:
            raise Refused("person.birth_date: is missing")
        birth = date.fromisoformat(birth)
        if birth < OLDEST:
            raise Refused("person.birth_date: before 1880")
        age = age_on(birth, today)
        if age < 0:
            raise Refused("person.birth_date: lies in the future")
        minor = age < policy.guardian_below
        guardian, proxy = person.get("guardian", {}), person.get("proxy", {})
        if through is None:
            if "name" in proxy:
                through = "proxy"
            elif "name" in person.get("employer", ()):
                through = "employer"
            else:
                through = "guardian" if minor else "holder"
        if through not in policy.through:
            raise Refused("applied.through: not accepted", "policy")
        if minor and not ("name" in guardian and "id_number" in guardian and
                          "relation" in guardian):
            raise Refused("person.guardian: is missing")
        for other in (guardian, proxy):
            if "id_number" in other:
                check_number(other.setdefault("id_type", "citizen"),
                             other["id_number"], today)
        social = person.get("social_number")
        if social is None or not check_social(policy, kind,
                                              person["id_number"], social):
            raise Refused("person.social_number: is wrong")
        return through


# The run

def clock():
    """The instant as it is written, and the day in China."""
    now = datetime.datetime.now(datetime.timezone.utc)
    china = now + datetime.timedelta(hours=8)
    return now.strftime("%Y-%m-%dT%H:%M:%SZ"), china.date()


def work(tool, step, line, now, today):
    """One line's record, worked on."""
    try:
        rec = json.loads(line)
        if not isinstance(rec, dict):
            raise ValueError
    except ValueError:
        return {"error": {"tool": tool, "code": "invalid", "message":
                          "not JSON"},
                "line": {"text": line.decode(errors="replace")}}
    error = rec.get("error")
    if error is not None and error is not False:
        return rec
    try:
        step.one(rec, now, today)
    except Refused as e:
        rec["error"] = {"tool": tool, "code": e.code, "message": str(e)}
    return rec


def work_groups(tool, step, lines):
    """The records, group by group as the commands work on them."""
    group, size = [], 0
    for line in lines:
        line = line.rstrip(b"\n")
        group.append(line)
        size += len(line)
        if len(group) == GROUP_RECORDS or size >= GROUP_BYTES:
            yield work_group(tool, step, group)
            group, size = [], 0
    if group:
        yield work_group(tool, step, group)


def work_group(tool, step, group):
    now, today = clock()
    step.begin()
    return [work(tool, step, line, now, today) for line in group]


def filter_lines(tool, step, lines, out):
    encode = json.JSONEncoder(ensure_ascii=False, check_circular=False,
                              separators=(",", ":")).encode
    for recs in work_groups(tool, step, lines):
        out.write("\n".join(map(encode, recs)) + "\n")


# The oracle

def verdict(tool, rec):
    """What two programs have to agree on; None where one may differ."""
    error = rec.get("error")
    if isinstance(error, dict):
        return {"error": error.get("code"), "order": list(rec)}
    out = {k: rec.get(k) for k in ("state", "already")}
    review, applied = rec.get("review"), rec.get("applied")
    if tool == "ss-verify" and isinstance(review, dict):
        out["checks"] = [[c["check"], c["ok"], c.get("value"), c.get("split"),
                          c.get("member")] for c in review["checks"]]
        out.update((k, review.get(k)) for k in ("mend", "result", "revision"))
    if tool == "ss-apply":
        out.update((k, rec.get(k)) for k in ("v", "kind", "region", "person"))
        if isinstance(applied, dict):
            out.update((k, applied.get(k)) for k in ("through", "revision"))
        out["order"] = list(rec)
    return out


def differences(a, b):
    for k in dict.fromkeys([*a, *b]):
        x, y = a.get(k), b.get(k)
        if x == y:
            continue
        if k == "checks" and x and y:
            yield "%s, not %s" % ([c for c in x if c not in y],
                                  [c for c in y if c not in x])
        else:
            yield "%s: %r, not %r" % (k, x, y)


def compare(tool, step, lines, path):
    count = n = 0
    recs = (rec for group in work_groups(tool, step, lines) for rec in group)
    with open(path, encoding="utf-8") as ours:
        for n, (rec, other) in enumerate(zip(recs, ours, strict=True), 1):
            mine, theirs = verdict(tool, rec), verdict(tool, json.loads(other))
            if mine != theirs:
                count += 1
                print("record %d: %s" % (
                    n, " | ".join(differences(theirs, mine))))
    print("%d of %d records differ" % (count, n))
    return 1 if count else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=
                                     argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=("apply", "verify"))
    parser.add_argument("-o", "--operator", default=os.environ.get(
        "SSCARD_OPERATOR", os.environ.get("LOGNAME", "")))
    parser.add_argument("-R", "--region")
    parser.add_argument("--station", default=socket.gethostname())
    parser.add_argument("--compare", metavar="OURS")
    parser.add_argument("file", nargs="?", default="-")
    args = parser.parse_intermixed_args()
    sys.stdout.reconfigure(encoding="utf-8")
    lines = open(0 if args.file == "-" else args.file, "rb")
    tool = "ss-" + args.mode
    step = (Apply if args.mode == "apply" else Verify)(Rules(args))
    if args.compare:
        return compare(tool, step, lines, args.compare)
    filter_lines(tool, step, lines, sys.stdout)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
