# Signatures of SM2 (GB/T 32918.2) and ECDSA on P-256 by nothing but integers:
# a second implementation to compare with.
#   curves.py check SPKI SIG TEXT   hexadecimal; status 0: good
#   curves.py sign CURVE D K TEXT   sm2 or p256; prints SPKI and SIG
import hashlib, sys

class Curve:
    def __init__(self, p, a, b, n, x, y, oid):
        self.p, self.a, self.b, self.n, self.g = p, a, b, n, (x, y)
        self.head = bytes.fromhex("3059301306072a8648ce3d02010608" + oid +
            "034200")

    def add(self, s, t):
        if s is None or t is None:
            return s or t
        if s[0] == t[0]:
            if (s[1] + t[1]) % self.p == 0:
                return None
            m = (3 * s[0] * s[0] + self.a) * pow(2 * s[1], -1, self.p)
        else:
            m = (t[1] - s[1]) * pow(t[0] - s[0], -1, self.p)
        x = (m * m - s[0] - t[0]) % self.p
        return x, (m * (s[0] - x) - s[1]) % self.p

    def mul(self, k, s):
        t = None
        while k:
            if k & 1:
                t = self.add(t, s)
            s, k = self.add(s, s), k >> 1
        return t

def b32(*v):
    return b"".join(i.to_bytes(32, "big") for i in v)

sm2 = Curve(0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff,
    0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc,
    0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93,
    0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123,
    0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7,
    0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0,
    "2a811ccf5501822d")
p256 = Curve(0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff,
    -3, 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b,
    0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551,
    0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
    0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5,
    "2a8648ce3d030107")

def number(curve, q, text):
    if curve is p256:
        return int.from_bytes(hashlib.sha256(text).digest(), "big")
    z = hashlib.new("sm3", b"\x00\x80" + b"1234567812345678" +
        b32(curve.a, curve.b, *curve.g, *q)).digest()
    return int.from_bytes(hashlib.new("sm3", z + text).digest(), "big")

def check(curve, q, r, s, text):
    e, n = number(curve, q, text), curve.n
    if not (0 < r < n and 0 < s < n):
        return False
    if curve is sm2:
        t = (r + s) % n
        at = curve.add(curve.mul(s, curve.g), curve.mul(t, q))
        return t != 0 and at is not None and (e + at[0]) % n == r
    w = pow(s, -1, n)
    at = curve.add(curve.mul(e * w % n, curve.g), curve.mul(r * w % n, q))
    return at is not None and at[0] % n == r

def sign(curve, d, k, text):
    n, q = curve.n, curve.mul(d, curve.g)
    e, x = number(curve, q, text), curve.mul(k, curve.g)[0]
    if curve is sm2:
        r = (e + x) % n
        return q, r, pow(1 + d, -1, n) * (k - r * d) % n
    r = x % n
    return q, r, pow(k, -1, n) * (e + r * d) % n

def der(v):
    b = v.to_bytes(v.bit_length() // 8 + 1, "big")
    return b"\x02" + bytes([len(b)]) + b

if sys.argv[1] == "check":
    spki, sig = map(bytes.fromhex, sys.argv[2:4])
    curve = next(c for c in (sm2, p256) if spki.startswith(c.head))
    q = int.from_bytes(spki[27:59], "big"), int.from_bytes(spki[59:], "big")
    r = int.from_bytes(sig[4:4 + sig[3]], "big")
    s = int.from_bytes(sig[6 + sig[3]:], "big")
    sys.exit(not check(curve, q, r, s, sys.argv[4].encode()))
curve = {"sm2": sm2, "p256": p256}[sys.argv[2]]
q, r, s = sign(curve, int(sys.argv[3], 16), int(sys.argv[4], 16),
    sys.argv[5].encode())
body = der(r) + der(s)
print((curve.head + b"\x04" + b32(*q)).hex())
print((b"\x30" + bytes([len(body)]) + body).hex())
