#!/usr/bin/env python3
"""The commercial ciphers a second time, in plain Python, and P-256.

SM3 (GB/T 32905), SM4 (GB/T 32907), SM2 signatures (GB/T 32918.2), ECDSA with
SHA-256 (FIPS 186-5, nonces by RFC 6979), and strict DER for signatures
(SEQUENCE of r and s), public keys (SubjectPublicKeyInfo) and private ones
(PKCS#8). Written from the standards alone. As a module it does no more; as a
program it proves itself by the standards' own examples and says nothing.

A key is (curve, x, y), a private one (curve, d); texts and signatures are
bytes. What is malformed raises ValueError; a signature that is only wrong is
False.
"""
import base64
import functools
import hashlib
import hmac

USER = b"1234567812345678"              # of GM/T 0009

# --- SM3


def rotl(x, n):
    n %= 32
    return (x << n | x >> 32 - n) & 0xffffffff


SM3_IV = [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600,
          0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e]
SM3_T = [rotl(0x79cc4519 if j < 16 else 0x7a879d8a, j) for j in range(64)]


def sm3_block(v, block):
    w = [int.from_bytes(block[i:i + 4], "big") for i in range(0, 64, 4)]
    for j in range(16, 68):
        x = w[j - 16] ^ w[j - 9] ^ rotl(w[j - 3], 15)
        w.append(x ^ rotl(x, 15) ^ rotl(x, 23) ^ rotl(w[j - 13], 7)
                 ^ w[j - 6])
    a, b, c, d, e, f, g, h = v
    for j in range(64):
        a12 = rotl(a, 12)
        ss1 = rotl(a12 + e + SM3_T[j] & 0xffffffff, 7)
        if j < 16:
            ff, gg = a ^ b ^ c, e ^ f ^ g
        else:
            ff, gg = a & b | a & c | b & c, e & f | ~e & g
        tt1 = ff + d + (ss1 ^ a12) + (w[j] ^ w[j + 4]) & 0xffffffff
        tt2 = gg + h + ss1 + w[j] & 0xffffffff
        a, b, c, d = tt1, a, rotl(b, 9), c
        e, f, g, h = tt2 ^ rotl(tt2, 9) ^ rotl(tt2, 17), e, rotl(f, 19), g
    return [x ^ y for x, y in zip(v, (a, b, c, d, e, f, g, h))]


@functools.lru_cache(1 << 16)
def sm3(data):
    v, bits = SM3_IV, 8 * len(data)
    data += b"\x80" + bytes(-(len(data) + 9) % 64) + bits.to_bytes(8, "big")
    for i in range(0, len(data), 64):
        v = sm3_block(v, data[i:i + 64])
    return b"".join(x.to_bytes(4, "big") for x in v)


# --- SM4

SM4_S = bytes.fromhex(
    "d690e9fecce13db716b614c228fb2c05" "2b679a762abe04c3aa44132649860699"
    "9c4250f491ef987a33540b43edcfac62" "e4b31ca9c908e89580df94fa758f3fa6"
    "4707a7fcf37317ba83593c19e6854fa8" "686b81b27164da8bf8eb0f4b70569d35"
    "1e240e5e6358d1a225227c3b01217887" "d40046579fd327524c3602e7a0c4c89e"
    "eabf8ad240c738b5a3f7f2cef96115a1" "e0ae5da49b341a55ad933230f58cb1e3"
    "1df6e22e8266ca60c02923ab0d534e6f" "d5db3745defd8e2f03ff6a726d6c5b51"
    "8d1baf92bbddbc7f11d95c411f105ad8" "0ac13188a5cd7bbd2d74d012b8e5b4b0"
    "8969974a0c96777e65b9f109c56ec684" "18f07dec3adc4d2079ee5f3ed7cb3948")


def tau(x):
    return int.from_bytes(bytes(SM4_S[b] for b in x.to_bytes(4, "big")), "big")


def words(data):
    return [int.from_bytes(data[i:i + 4], "big") for i in range(0, 16, 4)]


@functools.lru_cache(64)
def sm4_keys(key):
    k = [a ^ b for a, b in zip(words(key), (
        0xa3b1bac6, 0x56aa3350, 0x677d9197, 0xb27022dc))]
    for i in range(32):
        ck = int.from_bytes(bytes((4 * i + j) * 7 % 256 for j in range(4)),
                            "big")
        b = tau(k[-3] ^ k[-2] ^ k[-1] ^ ck)
        k.append(k[-4] ^ b ^ rotl(b, 13) ^ rotl(b, 23))
    return k[4:]


def sm4(key, block, decrypt=False):
    keys = sm4_keys(key)
    x = words(block)
    for round_key in reversed(keys) if decrypt else keys:
        b = tau(x[1] ^ x[2] ^ x[3] ^ round_key)
        x = x[1:] + [x[0] ^ b ^ rotl(b, 2) ^ rotl(b, 10) ^ rotl(b, 18)
                     ^ rotl(b, 24)]
    return b"".join(w.to_bytes(4, "big") for w in reversed(x))


# --- curves y^2 = x^3 - 3x + b; points are Jacobian, None is infinity


class Curve:
    def __init__(self, name, oid, p, b, n, x, y):
        self.name, self.oid = name, bytes.fromhex(oid)
        self.p, self.b, self.n = (int(v, 16) for v in (p, b, n))
        self.base = int(x, 16), int(y, 16)

    def on(self, x, y):
        p = self.p
        return 0 <= x < p and 0 <= y < p and \
            (y * y - (x * x * x - 3 * x + self.b)) % p == 0

    def double(self, point):
        if point is None or point[1] == 0:
            return None
        x, y, z = point
        p = self.p
        zz, yy = z * z % p, y * y % p
        m = 3 * (x - zz) * (x + zz) % p
        s = 4 * x * yy % p
        out = (m * m - 2 * s) % p
        return out, (m * (s - out) - 8 * yy * yy) % p, 2 * y * z % p

    def add(self, point, other):
        """The other is affine."""
        if point is None:
            return other[0], other[1], 1
        x, y, z = point
        p = self.p
        zz = z * z % p
        h = (other[0] * zz - x) % p
        r = (other[1] * zz * z - y) % p
        if h == 0:
            return self.double(point) if r == 0 else None
        hh = h * h % p
        v = x * hh % p
        hhh = h * hh % p
        out = (r * r - hhh - 2 * v) % p
        return out, (r * (v - out) - y * hhh) % p, z * h % p

    def affine(self, points):
        """Many at the price of one inversion; none is infinity."""
        p, product, so_far = self.p, 1, []
        for point in points:
            so_far.append(product)
            product = product * point[2] % p
        inverse, out = pow(product, -1, p), []
        for (x, y, z), before in zip(reversed(points), reversed(so_far)):
            i = inverse * before % p
            inverse = inverse * z % p
            out.append((x * i * i % p, y * i * i * i % p))
        return out[::-1]

    @functools.lru_cache(64)
    def table(self, x, y):
        """1 to 15 times the point, times 16 to the power of 0 to 63."""
        rows, row_of = [], (x, y)
        for _ in range(64):
            row = [(*row_of, 1)]
            for _ in range(15):
                row.append(self.add(row[-1], row_of))
            *row, up = self.affine(row)
            rows.append(row)
            row_of = up
        return rows

    def times(self, k, point, total=None):
        """total + k times an affine point."""
        for row in self.table(*point):
            if k & 15:
                total = self.add(total, row[(k & 15) - 1])
            k >>= 4
        return total

    def public(self, d):
        return self.affine([self.times(d, self.base)])[0]


SM2 = Curve(
    "sm2", "2a811ccf5501822d",
    "fffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff",
    "28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93",
    "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123",
    "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7",
    "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0")
P256 = Curve(
    "p256", "2a8648ce3d030107",
    "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
    "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")
CURVES = {"sm2": SM2, "p256": P256}

# --- signatures


def octets(x):
    return x.to_bytes(32, "big")


def number(data):
    return int.from_bytes(data, "big")


def digest(curve, x, y, text, user=USER):
    """What is signed, as a number: of SM2 the signer is a part of it."""
    if curve is P256:
        return number(hashlib.sha256(text).digest())
    z = sm3((8 * len(user)).to_bytes(2, "big") + user + b"".join(map(octets, (
        curve.p - 3, curve.b, *curve.base, x, y))))
    return number(sm3(z + text))


def nonces(curve, d, e):
    """By RFC 6979 with SHA-256, for either curve."""
    n, seed = curve.n, octets(d) + octets(e % curve.n)
    k, v = bytes(32), b"\x01" * 32

    def mac(data):
        return hmac.new(k, data, hashlib.sha256).digest()

    for byte in b"\x00", b"\x01":
        k = mac(v + byte + seed)
        v = mac(v)
    while True:
        v = mac(v)
        if 0 < number(v) < n:
            yield number(v)
        k = mac(v + b"\x00")
        v = mac(v)


def sign_numbers(curve, d, text, ks=None, user=USER):
    n = curve.n
    e = digest(curve, *curve.public(d), text, user)
    for k in ks or nonces(curve, d, e):
        x = curve.public(k)[0]
        if curve is P256:
            r = x % n
            s = pow(k, -1, n) * (e + r * d) % n
        else:
            r = (e + x) % n
            s = pow(1 + d, -1, n) * (k - r * d) % n
            if r + k == n:
                continue
        if r and s:
            return r, s
    raise ValueError("no nonce fits")


def check_numbers(curve, x, y, text, r, s, user=USER):
    n = curve.n
    if not (0 < r < n and 0 < s < n):
        return False
    e = digest(curve, x, y, text, user)
    if curve is P256:
        w = pow(s, -1, n)
        base, key = e * w % n, r * w % n
    else:
        base, key, r = s, (r + s) % n, (r - e) % n
        if key == 0:
            return False
    point = curve.times(key, (x, y), curve.times(base, curve.base))
    return point is not None and curve.affine([point])[0][0] % n == r


# --- DER


def der(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    size = bytes([n]) if n < 128 else bytes([0x81, n])
    if n > 255:
        raise ValueError("longer than is ever needed")
    return bytes([tag]) + size + body


def der_integer(x):
    return der(2, x.to_bytes(x.bit_length() // 8 + 1, "big"))


class Der:
    """Reads one element after another; no shorter, no longer form than DER."""

    def __init__(self, data):
        self.data = data

    def take(self, tag):
        data = self.data
        if len(data) < 2 or data[0] != tag:
            raise ValueError("not the element that belongs here")
        n, at = data[1], 2
        if n >= 128:
            at += n & 127
            size = data[2:at]
            n = number(size)
            if not size or size[0] == 0 or n < 128 or len(size) > 4:
                raise ValueError("a length that is not in its shortest form")
        if len(data) < at + n:
            raise ValueError("cut off")
        self.data = data[at + n:]
        return data[at:at + n]

    def sub(self, tag):
        return Der(self.take(tag))

    def integer(self):
        body = self.take(2)
        if not body or body[0] > 127 or \
                len(body) > 1 and body[0] == 0 and body[1] < 128:
            raise ValueError("no integer, negative, or not the shortest form")
        return number(body)

    def end(self):
        if self.data:
            raise ValueError("something behind its end")


def signature(r, s):
    return der(0x30, der_integer(r), der_integer(s))


def signature_numbers(data):
    whole = Der(data)
    body = whole.sub(0x30)
    whole.end()
    r, s = body.integer(), body.integer()
    body.end()
    return r, s


EC = bytes.fromhex("2a8648ce3d0201")    # id-ecPublicKey


def curve_of(body):
    """From an AlgorithmIdentifier."""
    body = body.sub(0x30)
    if body.take(6) != EC:
        raise ValueError("not a key on a curve")
    oid = body.take(6)
    body.end()
    for curve in CURVES.values():
        if curve.oid == oid:
            return curve
    raise ValueError("on another curve")


def spki(curve, x, y):
    return der(0x30, der(0x30, der(6, EC), der(6, curve.oid)),
               der(3, b"\x00\x04", octets(x), octets(y)))


def spki_key(data):
    whole = Der(data)
    body = whole.sub(0x30)
    whole.end()
    curve, bits = curve_of(body), body.take(3)
    body.end()
    if len(bits) != 66 or bits[:2] != b"\x00\x04":
        raise ValueError("not a whole point")
    x, y = number(bits[2:34]), number(bits[34:])
    if not curve.on(x, y):
        raise ValueError("not on its curve")
    return curve, x, y


def pkcs8(curve, d):
    x, y = curve.public(d)
    inner = der(0x30, der_integer(1), der(4, octets(d)),
                der(0xa1, der(3, b"\x00\x04", octets(x), octets(y))))
    return der(0x30, der_integer(0), der(0x30, der(6, EC), der(6, curve.oid)),
               der(4, inner))


def pkcs8_key(data):
    body = Der(data).sub(0x30)
    if body.integer() != 0:
        raise ValueError("another version")
    curve, inner = curve_of(body), Der(body.take(4)).sub(0x30)
    if inner.integer() != 1:
        raise ValueError("another version of the key")
    d = number(inner.take(4))
    if not 0 < d < curve.n:
        raise ValueError("out of range")
    return curve, d


def pem(label, data):
    text = base64.b64encode(data).decode()
    lines = [text[i:i + 64] for i in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN %s-----" % label, *lines,
                      "-----END %s-----" % label, ""])


def pem_data(text):
    lines = text.split("\n")
    first = next(i for i, line in enumerate(lines) if "-BEGIN " in line)
    last = next(i for i, line in enumerate(lines) if "-END " in line)
    return base64.b64decode("".join(lines[first + 1:last]), validate=True)


# --- in one go


def sign(curve, d, text):
    return signature(*sign_numbers(curve, d, text))


def check(curve, x, y, text, data):
    try:
        return check_numbers(curve, x, y, text, *signature_numbers(data))
    except ValueError:
        return False


# --- examples of the standards


def prove():
    assert sm3(b"abc").hex() == \
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm3(b"abcd" * 16).hex() == \
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    out = bytes.fromhex("681edf34d206965e86b3e94f536e4246")
    assert sm4(key, key) == out and sm4(key, out, True) == key
    # GB/T 32918.5-2017, annex A.2
    d = 0x3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8
    k = 0x59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21
    r = 0xf5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3
    s = 0xb1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa
    x = 0x09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020
    y = 0xccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13
    assert SM2.public(d) == (x, y)
    assert sign_numbers(SM2, d, b"message digest", [k]) == (r, s)
    prove_pair(SM2, d, b"message digest", r, s)
    # RFC 6979, annex A.2.5
    d = 0xc9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721
    for text, r, s in (
            (b"sample",
             "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
             "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
             ),
            (b"test",
             "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367",
             "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083"
             )):
        assert sign_numbers(P256, d, text) == (int(r, 16), int(s, 16))
        prove_pair(P256, d, text, int(r, 16), int(s, 16))
    for curve in CURVES.values():
        assert curve.on(*curve.base)
        assert curve.times(curve.n, curve.base) is None
        assert pkcs8_key(pkcs8(curve, d)) == (curve, d)


def prove_pair(curve, d, text, r, s):
    """It is good, and nothing beside it is."""
    x, y = curve.public(d)
    n, good = curve.n, signature(r, s)
    assert spki_key(spki(curve, x, y)) == (curve, x, y)
    assert check(curve, x, y, text, good)
    assert check_numbers(curve, x, y, text, r, n - s) == (curve is P256)
    for numbers in ((0, s), (r, 0), (n, s), (r, n), (r + n, s), (r, s + n),
                    (s, r), (n - r, s)):
        assert not check_numbers(curve, x, y, text, *numbers)
    assert not check(curve, x, y, text + b" ", good)
    assert not check(curve, *curve.base, text, good)
    for i in range(len(good)):
        for mask in (1, 128):
            bad = bytearray(good)
            bad[i] ^= mask
            assert not check(curve, x, y, text, bytes(bad))
    for bad in (good + b"\x00", good[:-1], b"", b"\x30\x81" + good[1:],
                der(0x30, der(2, b"\x00", der_integer(r)[2:]),
                    der_integer(s))):
        assert not check(curve, x, y, text, bad)


if __name__ == "__main__":
    prove()
