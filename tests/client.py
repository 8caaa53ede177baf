#!/usr/bin/env python3
"""A terminal for social security cards a second time, over pyscard.

client.py [--reader NAME] --until present|gone
client.py [--reader NAME] STEP [ARGUMENT...] [STEP [ARGUMENT...]]...

The first waits for a card, or for none. The second
takes the card that is or comes into the reader, does the steps one after the
other in one session, and prints a JSON object for each, with the status word
that the card gave. It goes on after a refusal; the exit status is 1 if any
step was refused, 3 if the card or the reader failed. Steps:

  select            the social security environment; done at first unless
                    "raw" or "select" is the first step
  read FILE         EF05 or EF06, by number: {tag: hex}; EF07, EF08: {data}
  item FILE N       one record
  tag FILE TAG      the same by its tag
  all FILE          all records in one command
  write FILE N HEX  the value of a record
  binary FILE OFFSET HEX
  genuine           INTERNAL AUTHENTICATE, and whether its answer is right
  auth KID          EXTERNAL AUTHENTICATE, such as 04 or 0A
  wrong KID         the same with wrong data
  verify PIN, change OLD NEW, reload PIN, unblock-pin
  lock, lock-for-good, unlock, block-card
  bad STEP...       that step with its MAC spoiled
  reset             the card, which has nothing selected then
  apdu HEX          as it is, 61xx and 6Cxx left alone
  raw               nothing

It knows the test keys (card.py) of the place that the ATR names, and is
written from the published facts alone.
"""
import argparse
import json
import os
import sys
import time

from smartcard import scard

from arithmetic import Card as Arithmetic
from card import (BK, EF05, EF06, IRK, PUK, SSSE, STK, bcd, card_key,
                  cipher_of, record)


class Failed(Exception):
    """The reader or the card failed, or it makes no sense."""


class Refused(Exception):
    """By the card, before the step's own command; with what is printed."""


def check(code, what):
    if code != scard.SCARD_S_SUCCESS:
        raise Failed("%s: %08x" % (what, code & 0xffffffff))


def historical(atr):
    """The historical bytes of an ATR (ISO/IEC 7816-3)."""
    try:
        count, y, at, check_byte = atr[1] & 15, atr[1] >> 4, 2, False
        while y:
            more = y & 8
            at += bin(y).count("1")
            y = 0
            if more:
                y = atr[at - 1] >> 4
                check_byte |= atr[at - 1] & 15 != 0
    except IndexError:
        raise Failed("an ATR that breaks off") from None
    if len(atr) != at + count + check_byte:
        raise Failed("an ATR of another length than it says")
    return atr[at:at + count]


protocols = {scard.SCARD_PROTOCOL_T0: "T=0", scard.SCARD_PROTOCOL_T1: "T=1"}


class Session:
    def __init__(self, reader):
        code, self.context = scard.SCardEstablishContext(
            scard.SCARD_SCOPE_SYSTEM)
        check(code, "context")
        code, readers = scard.SCardListReaders(self.context, [])
        check(code, "readers")
        self.reader, self.card = reader or readers[0], None
        self.spoil = False
        self.selected = None

    def until(self, wanted, wait):
        state, end = scard.SCARD_STATE_UNAWARE, time.monotonic() + wait
        while not state & wanted:
            code, states = scard.SCardGetStatusChange(
                self.context, max(0, int(1000 * (end - time.monotonic()))),
                [(self.reader, state)])
            check(code, "waiting for a card")
            state = states[0][1]

    def connect(self):
        code, card, self.protocol = scard.SCardConnect(
            self.context, self.reader, scard.SCARD_SHARE_EXCLUSIVE,
            scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1)
        check(code, "connect")
        self.card = card
        code, _, _, _, atr = scard.SCardStatus(self.card)
        check(code, "status")
        self.atr = bytes(atr)

    def close(self):
        if self.card is not None:
            scard.SCardDisconnect(self.card, scard.SCARD_RESET_CARD)
        scard.SCardReleaseContext(self.context)

    # --- commands
    def transmit(self, apdu):
        code, out = scard.SCardTransmit(self.card, self.protocol, list(apdu))
        check(code, "transmit")
        out = bytes(b & 255 for b in out)
        if len(out) < 2:
            raise Failed("an answer without a status word")
        return out[:-2], int.from_bytes(out[-2:], "big")

    def send(self, header, data=None, le=None):
        """A command, and all that it answers: (data, status word)."""
        apdu = bytes.fromhex(header)
        if data is None:
            apdu += bytes([le or 0])
        else:
            apdu += bytes([len(data)]) + data
            # T=0 has no place for both lengths.
            if le is not None and self.protocol == scard.SCARD_PROTOCOL_T1:
                apdu += bytes([le])
        out, sw = self.transmit(apdu)
        if sw >> 8 == 0x6c and data is None:
            out, sw = self.transmit(apdu[:4] + bytes([sw & 255]))
        for _ in range(8):
            if sw >> 8 != 0x61:
                return out, sw
            more, sw = self.transmit(bytes([0, 0xc0, 0, 0, sw & 255]))
            out += more
        raise Failed("GET RESPONSE without an end")

    # --- what the card is
    def select(self):
        fci, sw = self.send("00A40400", SSSE, 0)
        at = fci.find(b"\x9f\x0c\x03\x86\x01")
        cipher = fci[at + 5] if 0 <= at < len(fci) - 5 else 1
        self.selected = {"sw": "%04x" % sw, "fci": fci.hex(),
                         "cipher": {1: "3des", 2: "ssf33", 3: "sm4"}.get(
                             cipher, "unknown")}
        return dict(self.selected, atr=self.atr.hex(),
                    protocol=protocols[self.protocol])

    def arithmetic(self):
        if self.selected is None:
            self.select()
        cipher = self.selected["cipher"]
        if cipher not in ("3des", "sm4"):
            raise Failed("no cipher %s here" % cipher)
        return Arithmetic(cipher, "-")

    def key(self, kid):
        self.arithmetic()
        thirteen = historical(self.atr)
        if len(thirteen) != 13:
            raise Failed("no card reset information")
        return card_key(kid, self.selected["cipher"],
                        thirteen[7:9].hex() + "00", thirteen)

    def challenge(self):
        out, sw = self.send("00840000", le=8)
        if sw != 0x9000:
            raise Refused({"sw": sw, "before": "challenge"})
        if len(out) != 8:
            raise Failed("a challenge of another length than asked for")
        return out

    # --- steps; each returns what is printed
    def raw(self):
        return {}

    def reset(self):
        code, self.protocol = scard.SCardReconnect(
            self.card, scard.SCARD_SHARE_EXCLUSIVE,
            scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1,
            scard.SCARD_RESET_CARD)
        check(code, "reset")
        return {}

    def apdu(self, text):
        out, sw = self.transmit(bytes.fromhex(text))
        return {"sw": sw, "apdu": text, "data": out.hex()}

    def of_record(self, out, sw):
        if sw != 0x9000:
            return {"sw": sw}
        if len(out) < 2 or out[1] != len(out) - 2:
            raise Failed("a record that is none: " + out.hex())
        return {"sw": sw, "tag": "%02x" % out[0], "value": out[2:].hex()}

    def item(self, name, n):
        return self.of_record(*self.send("00B2%02x%02x" % (
            int(n), sfi(name) << 3 | 4)))

    def tag(self, name, tag):
        return self.of_record(*self.send("00B2%02x%02x" % (
            int(tag, 16), sfi(name) << 3)))

    def all(self, name):
        out, sw = self.send("00B201%02x" % (sfi(name) << 3 | 5))
        return {"sw": sw, "data": out.hex()}

    def read(self, name):
        if name in ("EF07", "EF08"):
            return self.read_binary(name)
        items, last = {}, 0x6a83
        for n, _ in enumerate(EF05 if name == "EF05" else EF06, 1):
            one = self.item(name, n)
            if one["sw"] == 0x9000:
                items[one["tag"]] = one["value"]
            elif one["sw"] != 0x6a83 or n == 1:
                return {"sw": one["sw"], "record": n, "items": items}
        return {"sw": 0x9000, "items": items}

    def read_binary(self, name):
        size, data = {"EF07": 1024, "EF08": 4096}[name], b""
        while len(data) < size:
            n = min(0xff, size - len(data))
            # The file is chosen by the first; then its offset has two bytes.
            header = ("00B0%02x00" % (0x80 | sfi(name)) if not data else
                      "00B0%04x" % len(data))
            out, sw = self.send(header, le=n)
            data += out
            if sw != 0x9000 or len(out) != n:
                return {"sw": sw, "data": data.hex()}
        return {"sw": 0x9000, "data": data.hex()}

    def write(self, name, n, value):
        tag = (EF05 if name == "EF05" else EF06)[int(n) - 1][0]
        if name == "EF06" and self.arithmetic().block == 8:
            # The first generation has no 4E; what stands there now says so.
            old = self.item(name, n)
            tag = int(old["tag"], 16) if "tag" in old else tag
        _, sw = self.send("00DC%02x%02x" % (int(n), sfi(name) << 3 | 4),
                          record(tag, bytes.fromhex(value)))
        return {"sw": sw}

    def binary(self, name, offset, value):
        offset = int(offset)
        if offset > 255:
            _, sw = self.send("00B0%02x00" % (0x80 | sfi(name)), le=1)
            header = "00D6%04x" % offset
        else:
            header = "00D6%02x%02x" % (0x80 | sfi(name), offset)
        _, sw = self.send(header, bytes.fromhex(value))
        return {"sw": sw}

    def genuine(self):
        factor, original = os.urandom(8), os.urandom(8)
        out, sw = self.send("00880000", factor + original, 8)
        return {"sw": sw, "genuine": out == self.arithmetic().auth(
            self.key(IRK), factor, original)}

    def auth(self, kid, right=True):
        number, original = int(kid, 16), os.urandom(8)
        key = self.key(number)
        data = self.arithmetic().auth(key, self.challenge(), original)
        if not right:
            data = bytes(b ^ 1 for b in data)
        _, sw = self.send("008200%02x" % number, data + original)
        return {"sw": sw}

    def wrong(self, kid):
        return self.auth(kid, False)

    def verify(self, pin):
        _, sw = self.send("00200000", bcd(pin))
        return {"sw": sw}

    def change(self, old, new):
        _, sw = self.send("805E0100", bcd(old) + b"\xff" + bcd(new))
        return {"sw": sw}

    def order(self, key, header, make):
        """A command with a MAC, after the key that it needs."""
        result = self.auth("%02X" % key)
        if result["sw"] != 0x9000:
            raise Refused(dict(result, before="auth"))
        data = make(self.arithmetic(), self.key(STK), self.challenge())
        if self.spoil:
            data = data[:-1] + bytes([data[-1] ^ 1])
        _, sw = self.send(header, data)
        return {"sw": sw}

    def reload(self, pin):
        return self.order(PUK, "84240001",
                          lambda a, key, factor: a.reload(key, factor, pin))

    def unblock_pin(self):
        return self.named("unblock-pin", PUK, "84240000")

    def named(self, name, key, header):
        return self.order(key, header,
                          lambda a, k, factor: a.order(name, k, factor))

    def lock(self):
        return self.named("block", BK, "841E0000")

    def lock_for_good(self):
        return self.named("block-forever", BK, "841E0001")

    def unlock(self):
        return self.named("unblock", BK, "84180000")

    def block_card(self):
        return self.named("block-card", BK, "84160000")


def sfi(name):
    return int(name, 16) & 31


STEPS = {"select": 0, "read": 1, "item": 2, "tag": 2, "all": 1, "write": 3,
         "binary": 3, "genuine": 0, "auth": 1, "wrong": 1, "verify": 1,
         "change": 2, "reload": 1, "unblock-pin": 0, "lock": 0,
         "lock-for-good": 0, "unlock": 0, "block-card": 0, "reset": 0,
         "apdu": 1, "raw": 0}


def parse(words):
    """[(step, arguments, spoiled)]"""
    steps, spoiled = [], False
    while words:
        step, words = words[0], words[1:]
        if step == "bad":
            spoiled = True
            continue
        if step not in STEPS or len(words) < STEPS[step]:
            sys.exit("client.py: " + step)
        steps.append((step, words[:STEPS[step]], spoiled))
        words, spoiled = words[STEPS[step]:], False
    return steps


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--reader")
    p.add_argument("--wait", type=float, default=10, metavar="SECONDS")
    p.add_argument("--until", choices=("present", "gone"))
    p.add_argument("steps", nargs="*")
    a = p.parse_args()
    if bool(a.until) == bool(a.steps):
        p.error("either steps or --until")
    steps, refused, session = parse(a.steps), 0, None
    try:
        session = Session(a.reader)
        if a.until == "gone":
            session.until(scard.SCARD_STATE_EMPTY, a.wait)
            return
        session.until(scard.SCARD_STATE_PRESENT, a.wait)
        if a.until:
            return
        session.connect()
        if steps[0][0] not in ("raw", "select"):
            session.select()
        for step, arguments, spoiled in steps:
            session.spoil = spoiled
            try:
                out = getattr(session, step.replace("-", "_"))(*arguments)
            except Refused as e:
                out = e.args[0]
            if isinstance(out.get("sw"), int):
                out["sw"] = "%04x" % out["sw"]
            refused |= (out.get("sw", "9000") != "9000" or
                        out.get("genuine") is False)
            print(json.dumps(dict(out, step=step)))
    except Failed as e:
        print(json.dumps({"error": str(e)}))
        sys.exit(3)
    finally:
        if session:
            session.close()
    sys.exit(refused)


if __name__ == "__main__":
    main()
