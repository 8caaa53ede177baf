#!/usr/bin/env python3
"""The arithmetic of cards a second time, in plain Python.

arithmetic.py --seed N --cases N QUESTIONS ANSWERS

writes random questions of every operation and both ciphers for the tool
"arithmetic", one a line, and the line that each is to be answered with. It
knows the ciphers by their standards alone (FIPS 46-3, GB/T 32907) and proves
itself by published vectors first. A line is

    CIPHER SETTINGS OPERATION ARGUMENT...

with SETTINGS "-" for the defaults or nine digits: how a card key, a session
key and a MAC key are derived (0 short, 1 pair, 2 not), how authentication
data and a MAC are cut (0 left, 1 folded), where a MAC starts (0 zeros,
1 challenge), its rule (0 CBC, 1 retail), how a PIN and a MAC's message are
padded (0 80 00.., 1 only if needed, 2 zeros).
"""
import argparse
import random

from sm import sm4

IP = [58 - 8 * j + i for i in (0, 2, 4, 6, -1, 1, 3, 5) for j in range(8)]
FP = [IP.index(i) + 1 for i in range(1, 65)]
EXPAND = [(4 * i + j - 1) % 32 + 1 for i in range(8) for j in range(6)]
P = [16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10,
     2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25]
PC1 = [57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18,
       10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36,
       63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22,
       14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4]
PC2 = [14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4,
       26, 8, 16, 7, 27, 20, 13, 2, 41, 52, 31, 37, 47, 55, 30, 40,
       51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32]
SHIFTS = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1]
DES_S = [[int(c, 16) for c in s] for s in (
    "e4d12fb83a6c5907" "0f74e2d1a6cb9538"
    "41e8d62bfc973a50" "fc8249175b3ea06d",
    "f18e6b34972dc05a" "3d47f28ec01a69b5"
    "0e7ba4d158c6932f" "d8a13f42b67c05e9",
    "a09e63f51dc7b428" "d709346a285ecbf1"
    "d6498f30b12c5ae7" "1ad069874fe3b52c",
    "7de3069a1285bc4f" "d8b56f03472c1ae9"
    "a690cb7df13e5284" "3f06a1d8945bc72e",
    "2c417ab6853fd0e9" "eb2c47d150fa3986"
    "421bad78f9c5630e" "b8c71e2d6f09a453",
    "c1af92680d34e75b" "af427c9561de0b38"
    "9ef528c3704a1db6" "432c95fabe17608d",
    "4b2ef08d3c975a61" "d0b7491ae35c2f86"
    "14bdc37eaf680592" "6bd814a7950fe23c",
    "d2846fb1a93e50c7" "1fd8a374c56b0e92"
    "7b419ce206adf358" "21e74a8dfc90356b")]


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def bits(data):
    return [byte >> 7 - i & 1 for byte in data for i in range(8)]


def pick(source, table):
    return [source[i - 1] for i in table]


def des(key, block, decrypt=False):
    halves = pick(bits(key), PC1)
    c, d, keys = halves[:28], halves[28:], []
    for n in SHIFTS:
        c, d = c[n:] + c[:n], d[n:] + d[:n]
        keys.append(pick(c + d, PC2))
    state = pick(bits(block), IP)
    left, right = state[:32], state[32:]
    for k in reversed(keys) if decrypt else keys:
        mixed = [a ^ b for a, b in zip(pick(right, EXPAND), k)]
        out = []
        for i, box in enumerate(DES_S):
            a, b, x, y, z, w = mixed[6 * i:6 * i + 6]
            value = box[32 * a + 16 * w + 8 * b + 4 * x + 2 * y + z]
            out += [value >> 3 - j & 1 for j in range(4)]
        left, right = right, [a ^ b for a, b in zip(left, pick(out, P))]
    done = pick(right + left, FP)
    return bytes(int("".join(map(str, done[i:i + 8])), 2)
                 for i in range(0, 64, 8))


def triple(key, block, decrypt=False):
    return des(key[:8], des(key[8:], des(key[:8], block, decrypt),
                            not decrypt), decrypt)


def chain(cipher, key, iv, message):
    """The last block of CBC."""
    for i in range(0, len(message), len(iv)):
        iv = cipher(key, xor(iv, message[i:i + len(iv)]))
    return iv


class Invalid(Exception):
    pass


class Card:
    """One cipher with settings; everything is computed from the card key."""

    def __init__(self, cipher, settings):
        self.cipher = triple if cipher == "3des" else sm4
        self.block = 8 if cipher == "3des" else 16
        if settings == "-":
            settings = "100100000" if cipher == "3des" else "100110000"
        (self.card, self.to_session, self.to_mac, self.auth_cut, self.mac_cut,
         self.start, self.retail, self.pin_pad, self.mac_pad) = map(
             int, settings)
        if self.retail and cipher != "3des":
            raise Invalid

    def derive(self, how, key, f):
        inverse = xor(f, b"\xff" * 8)
        if how == 2:
            return key
        if self.cipher is triple:
            left = triple(key, f)
            return left + (triple(key, inverse) if how == 1 else left)
        return sm4(key, f + (inverse if how == 1 else bytes(8)))

    def diversify(self, key, f):
        return self.derive(self.card, key, f)

    def session(self, key, factor):
        return self.derive(self.to_session, key, factor)

    @staticmethod
    def cut(fold, block, n):
        out = block[:n]
        for i in range(n, len(block) if fold else 0, n):
            out = xor(out, block[i:i + n])
        return out

    def auth(self, key, factor, original):
        block = original + bytes(self.block - 8)
        return self.cut(self.auth_cut,
                        self.cipher(self.session(key, factor), block), 8)

    def pad(self, how, data):
        if how == 0 or how == 1 and len(data) % self.block:
            data += b"\x80"
        return data + bytes(-len(data) % self.block)

    def mac(self, key, factor, header, data=b""):
        if len(data) > 251:
            raise Invalid
        message = self.pad(self.mac_pad,
                           header + bytes([len(data) + 4]) + data)
        iv = (factor[:4] if self.start else b"").ljust(self.block, b"\0")
        k = self.derive(self.to_mac, key, factor)
        if not self.retail:
            return self.cut(self.mac_cut,
                            chain(self.cipher, k, iv, message), 4)
        return self.cut(self.mac_cut, retail(k, iv, message), 4)

    def order(self, name, key, factor):
        header = {"unblock-pin": "84240000", "block": "841e0000",
                  "block-forever": "841e0001", "unblock": "84180000",
                  "block-card": "84160000"}[name]
        return self.mac(key, factor, bytes.fromhex(header))

    def reload(self, key, factor, pin):
        if not (pin.isdecimal() and pin.isascii() and 4 <= len(pin) <= 16):
            raise Invalid
        bcd = bytes.fromhex(pin + "f" * (len(pin) % 2))
        clear = self.pad(self.pin_pad, bytes([len(bcd)]) + bcd)
        k = self.session(key, factor)
        enc = b"".join(self.cipher(k, clear[i:i + self.block])
                       for i in range(0, len(clear), self.block))
        return enc + self.mac(key, factor, bytes.fromhex("84240001"), enc)

    def clear(self, key, factor, enc):
        """What was encrypted."""
        k = self.session(key, factor)
        return b"".join(self.cipher(k, enc[i:i + self.block], True)
                        for i in range(0, len(enc), self.block))

    def kcv(self, key):
        return self.cipher(key, bytes(self.block))[:3]

    @staticmethod
    def place(digits):
        if not digits.isdecimal() or len(digits) not in (2, 6):
            raise Invalid
        return digits.encode() + (b"0000sh" if len(digits) == 2 else b"sx")

    def historical(self, thirteen):
        return thirteen[5:]


def retail(key, iv, message):
    """ISO/IEC 9797-1, algorithm 3, as the standard puts it."""
    block = chain(des, key[:8], iv, message)
    return des(key[:8], des(key[8:], block, True))


def prove():
    h = bytes.fromhex
    k = h("0123456789abcdef")
    other = h("fedcba9876543210")
    # FIPS 81, table B1.
    assert des(k, b"Now is t") == h("3fa40e8a984d4815")
    assert des(k, h("3fa40e8a984d4815"), True) == b"Now is t"
    # SP 800-38B, D.5: two-key TDEA of zeros.
    assert triple(h("4cf15134a2850dd58a3d10ba80570d38"),
                  bytes(8)) == h("c7679b9f6b8d7d7a")
    # ISO/IEC 9797-1, annex B.
    assert retail(k + other, bytes(8), b"Now is the time for all "
                  ) == h("a1c72e74ea3fa9b6")
    # GB/T 32907, annex A.
    assert sm4(k + other, k + other) == h("681edf34d206965e86b3e94f536e4246")
    for cipher, block in ((triple, k), (sm4, k + other)):
        assert cipher(k + other, cipher(k + other, block), True) == block


def ask(r, cipher, operation, case):
    """The words of one question; half of them have other settings."""
    settings = "-" if case % 2 == 0 else "".join(
        str(r.randrange(n)) for n in (3, 3, 3, 2, 2, 2, 2, 3, 3))
    key, factor = r.randbytes(16), r.randbytes(8)
    args = {
        "diversify": [key, factor],
        "session": [key, factor],
        "auth": [key, factor, r.randbytes(8)],
        # Few of the longest, which Python is slow at.
        "mac": [key, factor, r.randbytes(4), r.randbytes(
            r.choice((250, 251, 252)) if case % 40 == 0 else r.randrange(50))],
        "reload": [key, factor, "".join(r.choices(
            "0123456789", k=r.choice((3, 4, 5, 6, 6, 7, 8, 12, 13, 14, 15, 16,
                                      17)))) + r.choice(("",) * 9 + ("a",))],
        "order": [r.choice(("unblock-pin", "block", "block-forever", "unblock",
                            "block-card")), key, factor],
        "kcv": [key],
        "place": [r.choice(("%02d" % r.randrange(100),
                            "%06d" % r.randrange(10 ** 6),
                            "%03d" % r.randrange(1000), "3a", "33078x"))],
        "historical": [r.randbytes(13)],
    }[operation]
    return settings, args


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--cases", type=int, default=200)
    p.add_argument("questions")
    p.add_argument("answers")
    a = p.parse_args()
    prove()
    r = random.Random(a.seed)
    with open(a.questions, "w") as questions, open(a.answers, "w") as answers:
        for cipher in ("3des", "sm4"):
            for operation in ("diversify", "session", "auth", "mac", "reload",
                              "order", "kcv", "place", "historical"):
                for case in range(a.cases):
                    settings, args = ask(r, cipher, operation, case)
                    try:
                        card = Card(cipher, settings)
                        out = getattr(card, operation)(*args).hex()
                    except Invalid:
                        out = "invalid"
                    said = [x if isinstance(x, str) else x.hex() or "-"
                            for x in args]
                    question = " ".join([cipher, settings, operation] + said)
                    print(question, file=questions)
                    # The question too, for who reads a difference.
                    print(question, "=", out, file=answers)


if __name__ == "__main__":
    main()
