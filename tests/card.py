#!/usr/bin/env python3
"""A social security card a second time, in plain Python.

card.py --generation 3 --region 220100 --serial 7 --port 35963 --state FILE

is a card in the virtual reader (vpcd) that listens to that port of 127.0.0.1,
with the test keys of its region. FILE holds all that the card remembers: it
is read if it is there and written whole after each change. The card leaves
on SIGTERM; on SIGHUP it is as its maker left it. Broken cards: --lie,
--mute-after, --random.

It is written from the published facts alone, not from the library, so that
each shows the other's mistakes. Where they leave a card a choice:

- a challenge serves one command, whether that succeeds or not, and only one
  of 8 bytes serves at all; a wrong MAC is counted only by APPLICATION
  UNBLOCK;
- PIN and keys belong to the social security environment: 6A88 elsewhere;
- a new PIN may not be the initial one, but the issuer's reload may bring it
  back;
- what was authenticated holds until a reset or until an environment is
  selected, the same one too;
- the first generation does not say its cipher, which then is 3DES;
- Le = 00 stands for "all there is" (with --strict-le: it gets 6Cxx);
- a locked application answers 6283 to SELECT and 6A81 to all but GET
  CHALLENGE, EXTERNAL AUTHENTICATE and APPLICATION UNBLOCK; one locked for
  good answers 9303.
"""
import argparse
import hashlib
import json
import os
import random
import signal
import socket
import struct
import sys

from arithmetic import Card as Arithmetic, Invalid

IRK, STK, UKSSSE, BK, PUK, RKSSSE = 0, 2, 4, 5, 6, 10
KEYS = {IRK: "IRK", STK: "STK", UKSSSE: "UKSSSE", BK: "BK", PUK: "PUK",
        RKSSSE: "RKSSSE"}
AUTHENTICATING = (UKSSSE, BK, PUK, RKSSSE)
KEY_TRIES, PIN_TRIES = 3, 6
INITIAL_PIN = "123456"
# (tag, length) of records 1, 2, ...
EF05 = [(1, 16), (2, 1), (3, 4), (4, 12), (5, 4), (6, 4), (7, 9)]
EF06 = [(8, 18), (9, 30), (0x4e, 20), (0xa, 1), (0xb, 1), (0xc, 3), (0xd, 4)]
SSSE = "sx1.sh.".encode() + "社会保障".encode("gbk")
PSE = b"1PAY.SYS.DDF01"
# What can be selected: name and file id of each.
PLACES = {"MF": (PSE, 0x3f00), "SSSE": (SSSE, 0xddf1)}
PLACES.update(("DF0%d" % i, (bytes.fromhex("D156000005%02x" % (i - 1)),
                             0xdf00 + i)) for i in range(1, 6))


def cipher_of(generation):
    return "sm4" if generation == 3 else "3des"


def diversifiers(region, historical):
    """Of province, city and card."""
    return [Arithmetic.place(region[:2]), Arithmetic.place(region[:4] + "00"),
            Arithmetic.historical(None, historical)]


def card_key(kid, cipher, region, historical, version=1):
    text = "sscard test key %s %s %d" % (KEYS[kid], cipher, version)
    key = hashlib.new("sm3", text.encode()).digest()[:16]
    for factor in diversifiers(region, historical):
        key = Arithmetic(cipher, "-").diversify(key, factor)
    return key


class Status(Exception):
    """A status word that ends a command."""


def need(condition, sw):
    if not condition:
        raise Status(sw)


def bcd(pin):
    return bytes.fromhex(pin + "F" * (len(pin) % 2))


def digits(data):
    """The PIN of BCD bytes, or None."""
    text = data.hex()
    text = text[:-1] if text.endswith("f") else text
    return text if text.isdecimal() and 4 <= len(text) <= 16 else None


def record(tag, value):
    return bytes([tag, len(value)]) + value


class Memory:
    """What outlasts the reader's current, in a file."""

    def __init__(self, a):
        self.path = a.state
        try:
            with open(self.path or "/dev/null") as f:
                self.all = json.loads(f.read() or "{}")
        except FileNotFoundError:
            self.all = {}
        if not self.all:
            self.make(a)

    def make(self, a):
        serial = struct.pack(">I", a.serial)
        region = bytes.fromhex(a.region)
        blank = {1: region + b"\xd1\x56\x00\x00\x05" + serial + b"\xff" * 4,
                 2: b"1", 3: b"%d.00" % a.generation}
        tags = [(t, n) for t, n in EF06 if t != 0x4e or a.generation > 1]
        files = {
            "EF05": b"".join(record(t, blank.get(t, bytes(n)))
                             for t, n in EF05),
            "EF06": b"".join(record(t, bytes(n)) for t, n in tags)}
        if a.generation > 1:
            files.update(EF07=bytes(1024), EF08=bytes(4096))
        historical = bytes.fromhex(a.maker) + region[:2] + serial
        atr = b"\x3b\x6d\x00\x00" + historical
        if a.contactless:
            atr = b"\x3b\x8d\x80\x01" + historical
            check = 0
            for b in atr[1:]:
                check ^= b
            atr += bytes([check])
        self.all = {
            "generation": a.generation, "region": a.region, "atr": atr.hex(),
            "historical": historical.hex(), "pin": INITIAL_PIN,
            "pin_tries": PIN_TRIES, "locked": "no", "unblock_tries": 3,
            "tries": {"%02X" % k: KEY_TRIES for k in AUTHENTICATING},
            "files": {name: data.hex() for name, data in files.items()}}
        self.save()

    def save(self):
        if self.path:
            with open(self.path + ".new", "w") as f:
                json.dump(self.all, f, indent=1)
            os.rename(self.path + ".new", self.path)

    def file(self, name):
        return bytes.fromhex(self.all["files"][name])

    def __getitem__(self, name):
        return self.all[name]

    def put(self, **members):
        self.all.update(members)
        self.save()


class Card:
    def __init__(self, memory, strict_le=False, r=random):
        self.m = memory
        self.generation = memory["generation"]
        cipher = cipher_of(self.generation)
        self.sums = Arithmetic(cipher, "-")
        self.keys = {kid: card_key(kid, cipher, memory["region"],
                                   bytes.fromhex(memory["historical"]))
                     for kid in KEYS}
        self.random = r
        self.strict_le = strict_le
        self.t1 = memory["atr"].startswith("3b8d8001")
        self.reset()

    def reset(self):
        self.place = "MF"
        self.current = None
        self.challenge = None
        self.held = set()
        self.waiting = b""
        self.warning = 0x9000

    # --- one command
    def transmit(self, apdu):
        """The answer to a command as T=0 carries it, or T=1."""
        try:
            need(len(apdu) >= 4, 0x6700)
            cla, ins, p1, p2, p3 = apdu[:5].ljust(5, b"\0")
            need(self.m["locked"] != "card", 0x6a81)
            run, of, case4 = self.find(cla, ins)
            waiting, self.waiting = self.waiting, b""
            if ins == 0xc0:
                self.waiting = waiting
            self.allowed(ins)
            if of == "data":
                data, le = apdu[5:5 + p3], apdu[5 + p3:]
                need(len(data) == p3 and
                     len(le) <= (self.t1 and case4), 0x6700)
                out = run(p1, p2, data)
                if le and out:
                    return self.direct(out, le[0])
                if case4 and out:
                    self.waiting = out
                    return bytes([0x61, len(out)])
                return b"\x90\x00"
            need(len(apdu) <= 5, 0x6700)
            out, sw = run(p1, p2, p3)
            return out + struct.pack(">H", sw)
        except Status as e:
            return struct.pack(">H", e.args[0])

    def direct(self, out, le):
        need(le in (0, len(out)), 0x6c00 | len(out))
        sw, self.warning = self.warning, 0x9000
        return out + struct.pack(">H", sw)

    def find(self, cla, ins):
        """(method, whether data come in, whether data go out after that)"""
        table = {
            (0x00, 0xa4): (self.select, "data", True),
            (0x00, 0x84): (self.get_challenge, "le", False),
            (0x00, 0xb2): (self.read_record, "le", False),
            (0x00, 0xdc): (self.update_record, "data", False),
            (0x00, 0xb0): (self.read_binary, "le", False),
            (0x00, 0xd6): (self.update_binary, "data", False),
            (0x00, 0xc0): (self.get_response, "le", False),
            (0x00, 0x88): (self.internal, "data", True),
            (0x00, 0x82): (self.external, "data", False),
            (0x00, 0x20): (self.verify, "data", False),
            (0x80, 0x5e): (self.change_pin, "data", False),
            (0x84, 0x24): (self.reload, "data", False),
            (0x84, 0x1e): (self.block, "data", False),
            (0x84, 0x18): (self.unblock, "data", False),
            (0x84, 0x16): (self.block_card, "data", False)}
        need(cla in (0x00, 0x80, 0x84), 0x6e00)
        need(ins in [i for _, i in table], 0x6d00)
        need((cla, ins) in table, 0x6e00)
        return table[cla, ins]

    def allowed(self, ins):
        """Of a locked application."""
        if self.place != "SSSE" or ins in (0xa4, 0xc0):
            return
        need(self.m["locked"] != "for good", 0x9303)
        need(self.m["locked"] == "no" or ins in (0x84, 0x82, 0x18), 0x6a81)

    def cut(self, data, le):
        """What goes out of data that are all there is."""
        if le == 0 and not self.strict_le and len(data) <= 256:
            return data, 0x9000
        need((le or 256) == len(data), 0x6c00 | len(data) & 0xff)
        return data, 0x9000

    # --- files
    def select(self, p1, p2, data):
        need(p1 in (0, 2, 4) and p2 == 0, 0x6a86)
        if p1 == 4:
            need(5 <= len(data) <= 16, 0x6700)
            places = [p for p, (name, _) in PLACES.items() if name == data]
        else:
            need(len(data) in (0, 2), 0x6700)
            fid = int.from_bytes(data, "big") if data else 0x3f00
            places = [p for p, (_, i) in PLACES.items() if i == fid]
            name = "%04X" % fid
            if self.place == "SSSE" and name in self.m["files"]:
                self.current = name
                return b"\x6f\x04\x83\x02" + data
        need(places, 0x6a82)
        self.held, self.challenge = set(), None
        self.place, self.current = places[0], None
        if self.place == "SSSE":
            need(self.m["locked"] != "for good", 0x9303)
            if self.m["locked"] != "no":
                self.warning = 0x6283
        return self.fci(PLACES[self.place][0])

    def fci(self, name):
        own = b"\x88\x01\x1e"
        if name == SSSE and self.generation > 1:
            own += b"\x9f\x0c\x03\x86\x01"
            own += b"\x03" if self.generation == 3 else b"\x01"
        body = record(0x84, name) + record(0xa5, own)
        return record(0x6f, body)

    def get_response(self, p1, p2, le):
        need(p1 == 0 and p2 == 0, 0x6a86)
        need(self.waiting, 0x6985)
        n = le or len(self.waiting)
        need(n <= len(self.waiting), 0x6c00 | len(self.waiting))
        out, self.waiting = self.waiting[:n], self.waiting[n:]
        if self.waiting:
            return out, 0x6100 | len(self.waiting)
        sw, self.warning = self.warning, 0x9000
        return out, sw

    def open(self, sfi, transparent):
        if sfi:
            name = "EF%02X" % sfi
            need(self.place == "SSSE" and name in self.m["files"], 0x6a82)
        else:
            name = self.current
            need(name, 0x6986)
        need((name in ("EF07", "EF08")) == transparent, 0x6981)
        self.current = name
        return name

    def may(self, name, number=0, writing=False):
        if writing:
            need(UKSSSE in self.held, 0x6982)
        elif name in ("EF07", "EF08"):
            need((RKSSSE if self.generation == 3 else UKSSSE) in self.held,
                 0x6982)
        elif self.generation == 3 and (name == "EF06" or number == 7):
            need(RKSSSE in self.held, 0x6982)

    def records(self, name):
        data, out = self.m.file(name), []
        while data:
            out.append(data[:2 + data[1]])
            data = data[2 + data[1]:]
        return out

    def number(self, records, p1, p2):
        """Which record a command means."""
        if p2 & 7 == 0:
            numbers = [i for i, r in enumerate(records, 1) if r[0] == p1]
        else:
            numbers = [p1] if 1 <= p1 <= len(records) else []
        need(numbers, 0x6a83)
        return numbers[0]

    def read_record(self, p1, p2, le):
        need(p2 & 7 in (0, 4, 5), 0x6a86)
        name = self.open(p2 >> 3, False)
        records = self.records(name)
        first = self.number(records, p1, p2)
        last = len(records) if p2 & 7 == 5 else first
        for i in range(first, last + 1):
            self.may(name, i)
        return self.cut(b"".join(records[first - 1:last]), le)

    def update_record(self, p1, p2, data):
        need(p2 & 7 in (0, 4), 0x6a86)
        name = self.open(p2 >> 3, False)
        records = self.records(name)
        i = self.number(records, p1, p2)
        self.may(name, i, True)
        old = records[i - 1]
        need(len(data) == len(old), 0x6700)
        need(data[:2] == old[:2], 0x6a80)
        records[i - 1] = data
        self.store(name, b"".join(records))

    def store(self, name, data):
        self.m["files"][name] = data.hex()
        self.m.save()

    def binary(self, p1, p2):
        """(file, offset)"""
        if p1 & 0x80:
            need(p1 & 0x60 == 0, 0x6a86)
            return self.open(p1 & 0x1f, True), p2
        return self.open(0, True), p1 << 8 | p2

    def read_binary(self, p1, p2, le):
        name, offset = self.binary(p1, p2)
        self.may(name)
        left = self.m.file(name)[offset:]
        need(left, 0x6b00)
        need((le or 1) <= len(left), 0x6c00 | len(left) & 0xff)
        if le == 0 and self.strict_le:
            need(len(left) >= 256, 0x6c00 | len(left) & 0xff)
        return left[:le or 256], 0x9000

    def update_binary(self, p1, p2, data):
        name, offset = self.binary(p1, p2)
        self.may(name, 0, True)
        old = self.m.file(name)
        need(data, 0x6700)
        need(offset < len(old), 0x6b00)
        need(offset + len(data) <= len(old), 0x6a84)
        self.store(name, old[:offset] + data + old[offset + len(data):])

    # --- authentication
    def get_challenge(self, p1, p2, le):
        need(p1 == 0 and p2 == 0, 0x6a86)
        need(le in (4, 8, 16), 0x6700)
        out = self.random.randbytes(le)
        self.challenge = out if le == 8 else None
        return out, 0x9000

    def factor(self):
        """The process factor that the card gave last, used up."""
        factor, self.challenge = self.challenge, None
        need(factor, 0x6984)
        return factor

    def internal(self, p1, p2, data):
        need(p1 == 0 and p2 == 0, 0x6a86)
        need(self.place == "SSSE", 0x6a88)
        need(len(data) == 16, 0x6700)
        return self.sums.auth(self.keys[IRK], data[:8], data[8:])

    def external(self, p1, p2, data):
        need(p1 == 0, 0x6a86)
        need(self.place == "SSSE" and p2 in AUTHENTICATING, 0x6a88)
        need(len(data) == 16, 0x6700)
        kid = "%02X" % p2
        left = self.m["tries"][kid]
        need(left, 0x6983)
        right = self.sums.auth(self.keys[p2], self.factor(), data[8:])
        if data[:8] != right:
            self.held.discard(p2)
            self.m["tries"][kid] = left - 1
            self.m.save()
            raise Status(0x63c0 | left - 1)
        self.held.add(p2)
        if left != KEY_TRIES:
            self.m["tries"][kid] = KEY_TRIES
            self.m.save()

    # --- the PIN
    def try_pin(self, data):
        left = self.m["pin_tries"]
        need(left, 0x6983)
        if data != bcd(self.m["pin"]):
            self.m.put(pin_tries=left - 1)
            raise Status(0x63c0 | left - 1)
        if left != PIN_TRIES:
            self.m.put(pin_tries=PIN_TRIES)

    def verify(self, p1, p2, data):
        need(p1 == 0 and p2 == 0, 0x6a86)
        need(self.place == "SSSE", 0x6a88)
        need(2 <= len(data) <= 8, 0x6700)
        self.try_pin(data)

    def change_pin(self, p1, p2, data):
        need(p1 == 1 and p2 == 0, 0x6a86)
        need(self.place == "SSSE", 0x6a88)
        need(5 <= len(data) <= 17, 0x6700)
        old, mark, new = data.partition(b"\xff")
        pin = digits(new)
        need(mark and pin and pin != INITIAL_PIN, 0x6a80)
        self.try_pin(old)
        self.m.put(pin=pin)

    def order(self, header, data, key):
        """A command with a MAC; returns what stands before the MAC."""
        need(self.place == "SSSE", 0x6a88)
        need(key in self.held, 0x6982)
        need(data, 0x6987)
        need(len(data) >= 4, 0x6700)
        factor = self.factor()
        own = self.sums.mac(self.keys[STK], factor, bytes.fromhex(header),
                            data[:-4])
        need(own == data[-4:], 0x6988)
        return factor, data[:-4]

    def reload(self, p1, p2, data):
        need(p1 == 0 and p2 in (0, 1), 0x6a86)
        block = self.sums.block
        if len(data) >= 4:
            need(p2 == 0 and len(data) == 4 or p2 == 1 and
                 block < len(data) and len(data) % block == 4, 0x6700)
        factor, enc = self.order("842400%02x" % p2, data, PUK)
        if p2 == 0:
            self.m.put(pin_tries=PIN_TRIES)
            return
        clear = self.sums.clear(self.keys[STK], factor, enc)
        n = clear[0]
        pin = digits(clear[1:1 + n])
        need(2 <= n <= 8 and pin and
             self.sums.pad(0, clear[:1 + n]) == clear, 0x6a80)
        self.m.put(pin=pin, pin_tries=PIN_TRIES)

    # --- locks
    def block(self, p1, p2, data):
        need(p1 == 0 and p2 in (0, 1), 0x6a86)
        need(len(data) <= 4, 0x6700)
        self.order("841e00%02x" % p2, data, BK)
        self.m.put(locked="for good" if p2 else "for now")

    def unblock(self, p1, p2, data):
        need(p1 == 0 and p2 == 0, 0x6a86)
        need(len(data) <= 4, 0x6700)
        need(self.m["locked"] == "for now", 0x6985)
        try:
            self.order("84180000", data, BK)
        except Status as e:
            if e.args[0] != 0x6988:
                raise
            left = self.m["unblock_tries"] - 1
            self.m.put(unblock_tries=left,
                       locked="for now" if left else "for good")
            raise Status(0x6988 if left else 0x9303) from None
        self.m.put(locked="no", unblock_tries=3)

    def block_card(self, p1, p2, data):
        need(p1 == 0 and p2 == 0, 0x6a86)
        need(len(data) <= 4, 0x6700)
        self.order("84160000", data, BK)
        self.m.put(locked="card")


class Line:
    """The virtual reader's line: two bytes of length, then the message."""

    def __init__(self, port):
        self.s = socket.create_connection(("127.0.0.1", port))
        self.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def quick(self):
        # It writes length and message apart: an acknowledgement that waits
        # takes 40 ms, and the kernel forgets this with each read.
        self.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def take(self, n):
        out = b""
        while len(out) < n:
            self.quick()
            part = self.s.recv(n - len(out))
            self.quick()
            if not part:
                raise EOFError
            out += part
        return out

    def message(self):
        return self.take(struct.unpack(">H", self.take(2))[0])

    def answer(self, data):
        self.s.sendall(struct.pack(">H", len(data)) + data)


def broken(a, card, count, apdu):
    """The answer of a card of the kind asked for; None is none."""
    if a.mute_after is not None and count > a.mute_after:
        return None
    if a.lie:
        return b"\x90\x00"
    if a.random is not None:
        r = card.random
        sw = r.choice((b"\x90\x00", b"\x61\x10", b"\x6c\x08", b"\x63\xc1",
                       r.randbytes(2)))
        return r.choice((r.randbytes(r.randrange(259)),
                         r.randbytes(r.choice((0, 8, r.randrange(257)))) + sw))
    return card.transmit(apdu)


def serve(a, card, line):
    count = 0
    while True:
        message = line.message()
        if message == b"\x04":
            line.answer(bytes.fromhex(card.m["atr"]))
        elif message in (b"\x00", b"\x01", b"\x02"):
            card.reset()
        elif message:
            count += 1
            out = broken(a, card, count, message)
            if a.trace:
                print(">", message.hex(), "\n<", (out or b"").hex(),
                      file=sys.stderr, flush=True)
            if out is not None:
                line.answer(out)


def leave(*_):
    raise EOFError


def region(text):
    if len(text) != 6 or not (text.isascii() and text.isdecimal()):
        raise ValueError
    return text


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--generation", type=int, choices=(1, 2, 3), default=3)
    p.add_argument("--region", type=region, default="220100")
    p.add_argument("--serial", type=int, default=1)
    p.add_argument("--maker", default="53505956430150", metavar="HEX",
                   help="T1 to T7 of the ATR")
    p.add_argument("--contactless", action="store_true")
    p.add_argument("--port", type=int, default=35963)
    p.add_argument("--state", metavar="FILE")
    p.add_argument("--strict-le", action="store_true")
    p.add_argument("--lie", action="store_true", help="9000 to everything")
    p.add_argument("--mute-after", type=int, metavar="N",
                   help="no answer after N commands")
    p.add_argument("--random", type=int, metavar="SEED",
                   help="answers out of the air")
    p.add_argument("--trace", action="store_true")
    a = p.parse_args()
    r = random.SystemRandom() if a.random is None else random.Random(a.random)
    signal.signal(signal.SIGTERM, leave)
    card = Card(Memory(a), a.strict_le, r)
    signal.signal(signal.SIGHUP, lambda *_: card.m.make(a))
    try:
        serve(a, card, Line(a.port))
    except (EOFError, ConnectionError):
        pass
    card.m.save()


if __name__ == "__main__":
    main()
