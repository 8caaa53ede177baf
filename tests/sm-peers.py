#!/usr/bin/python3
"""usage: sm-peers.py [--seed N --cases N] PEER

The arithmetic of sm.py beside another one's, on random keys and texts: each
checks what the other has signed, and refuses what was changed; digests and
blocks are the same. PEER is openssl (the command), botan (python3-botan), or
the tool "signature", which has lib/base/sign.h. Prints what differs.
"""
import argparse
import hashlib
import os
import random
import subprocess
import sys
import tempfile

import sm

USER = sm.USER.decode()
TEXT_MAX = 300


def changed(rnd, data):
    at = rnd.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << rnd.randrange(8)]) + \
        data[at + 1:]


class OpenSSL:
    def __init__(self, folder):
        self.folder = folder
        self.run("version")

    def run(self, *args, data=b""):
        out = subprocess.run(("openssl", *args), input=data,
                             capture_output=True, check=False)
        return out.returncode, out.stdout

    def file(self, name, data):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as f:
            f.write(data)
        return path

    def options(self, curve):
        return ["-rawin", "-digest", "sm3", "-pkeyopt", "distid:" + USER] \
            if curve is sm.SM2 else ["-rawin", "-digest", "sha256"]

    def public(self, curve, d):
        key = sm.pem("PRIVATE KEY", sm.pkcs8(curve, d)).encode()
        return self.run("pkey", "-pubout", "-outform", "DER", data=key)[1]

    def sign(self, curve, d, text):
        key = sm.pem("PRIVATE KEY", sm.pkcs8(curve, d)).encode()
        return self.run("pkeyutl", "-sign", "-inkey", self.file("key", key),
                        "-in", self.file("text", text),
                        *self.options(curve))[1]

    def check(self, curve, spki, text, signature):
        key = sm.pem("PUBLIC KEY", spki).encode()
        return self.run("pkeyutl", "-verify", "-pubin", "-inkey",
                        self.file("key", key), "-in", self.file("text", text),
                        "-sigfile", self.file("signature", signature),
                        *self.options(curve))[0] == 0

    def sm3(self, data):
        return self.run("dgst", "-sm3", "-binary", data=data)[1]

    def sm4(self, key, block, decrypt):
        return self.run("enc", "-sm4-ecb", "-nopad", "-K", key.hex(),
                        *(["-d"] if decrypt else []), data=block)[1]


class Botan:
    def __init__(self, _folder):
        import botan2
        self.lib = botan2

    def key(self, curve, d):
        load, name = (self.lib.PrivateKey.load_sm2, "sm2p256v1") \
            if curve is sm.SM2 else \
            (self.lib.PrivateKey.load_ecdsa, "secp256r1")
        return load(name, self.lib.MPI(str(d)))

    def padding(self, curve):
        return USER + ",SM3" if curve is sm.SM2 else "EMSA1(SHA-256)"

    def public(self, curve, d):
        if curve is sm.SM2:             # it names the algorithm otherwise
            return sm.spki(curve, *curve.public(d))
        return self.key(curve, d).get_public_key().to_der()

    def sign(self, curve, d, text):
        key = self.key(curve, d)        # the operation doesn't keep it
        op = self.lib.PKSign(key, self.padding(curve), True)
        op.update(text.decode())        # of ASCII, of which alone it is good
        return op.finish(self.lib.RandomNumberGenerator())

    def check(self, curve, spki, text, signature):
        _, x, y = sm.spki_key(spki)
        load, name = (self.lib.PublicKey.load_sm2, "sm2p256v1") \
            if curve is sm.SM2 else \
            (self.lib.PublicKey.load_ecdsa, "secp256r1")
        key = load(name, self.lib.MPI(str(x)), self.lib.MPI(str(y)))
        op = self.lib.PKVerify(key, self.padding(curve), True)
        op.update(text)
        return op.check_signature(signature)

    def sm3(self, data):
        op = self.lib.HashFunction("SM3")
        op.update(data)
        return op.final()

    def sm4(self, key, block, decrypt):
        op = self.lib.BlockCipher("SM4")
        op.set_key(key)
        return (op.decrypt if decrypt else op.encrypt)(block).raw


class Tool:
    """Makes its keys itself; digests and blocks have tests of their own."""

    def __init__(self, _folder):
        self.tool = subprocess.Popen(["signature"], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        print(*(w if isinstance(w, str) else w.hex() or "-" for w in words),
              file=self.tool.stdin, flush=True)
        return self.tool.stdout.readline().strip()

    def new(self, curve):
        return bytes.fromhex(self.ask("new", curve.name))

    def sign(self, _curve, _d, text):
        return bytes.fromhex(self.ask("sign", text))

    def check(self, _curve, spki, text, signature):
        answer = self.ask("check", spki, text, signature)
        if answer not in ("good", "auth"):
            raise ValueError(answer)
        return answer == "good"


PEERS = {"openssl": OpenSSL, "botan": Botan, "signature": Tool}


def signatures(rnd, peer, curve, say):
    d = rnd.randrange(1, curve.n - 1)
    text = bytes(rnd.randrange(128) for _ in range(rnd.randrange(TEXT_MAX)))
    spki = sm.spki(curve, *curve.public(d))
    ours = sm.sign(curve, d, text)
    if isinstance(peer, Tool):
        theirs_spki = peer.new(curve)
    else:
        theirs_spki = peer.public(curve, d)
        say(theirs_spki == spki, "the public key")
    key = sm.spki_key(theirs_spki)
    say(key[0] is curve and sm.spki(*key) == theirs_spki, "its encoding")
    theirs = peer.sign(curve, d, text)
    say(peer.check(curve, spki, text, ours), "what sm.py has signed")
    say(sm.check(*key, text, theirs), "what the peer has signed")
    bad = changed(rnd, ours)
    say(not peer.check(curve, spki, text, bad) and
        not sm.check(*sm.spki_key(spki), text, bad), "a changed signature")
    say(not peer.check(curve, spki, text + b"!", ours) and
        not sm.check(*key, text + b"!", theirs), "a changed text")
    strict(rnd, peer, curve, spki, text, d, say)


def strict(rnd, peer, curve, spki, text, d, say):
    """Encodings that DER doesn't have, and numbers out of range: ours alone,
    and what is our library's, must refuse them all."""
    if not isinstance(peer, Tool):
        return
    r, s = sm.sign_numbers(curve, d, text)
    n, i = curve.n, sm.der_integer
    long = sm.der(2, b"\0", i(r)[2:])   # a zero too many
    for bad in (sm.signature(0, s), sm.signature(r, 0), sm.signature(n, s),
                sm.signature(r, n), sm.signature(r + n, s),
                sm.signature(r, s + n), sm.signature(s, r), b"", b"\x30\0",
                sm.der(0x30, i(r)), sm.der(0x30, i(r), i(s), i(1)),
                sm.signature(r, s) + b"\0", sm.signature(r, s)[:-1],
                sm.der(0x30, b"\2\x81" + i(r)[1:], i(s)),
                b"\x30\x81" + sm.signature(r, s)[1:],
                b"\x30\x80" + sm.signature(r, s)[2:] + b"\0\0",
                sm.der(0x31, i(r), i(s)), sm.der(0x30, long, i(s)),
                sm.der(0x30, i(r), b"\2\x21\xff" + sm.octets(s))):
        say(not peer.check(curve, spki, text, bad), "signature %s" % bad.hex())
    say(peer.check(curve, spki, text, sm.signature(r, n - s)) ==
        (curve is sm.P256), "s or n - s")
    for bad in public_keys(rnd, curve, spki):
        try:
            sm.spki_key(bad)
            say(False, "sm.py takes the public key %s" % bad.hex())
        except ValueError:
            pass
        answer = peer.ask("check", bad, text, sm.signature(r, s))
        say(answer == "invalid", "%s: public key %s" % (answer, bad.hex()))


def public_keys(rnd, curve, spki):
    _, x, y = sm.spki_key(spki)
    yield spki + b"\0"
    yield spki[:-1]
    yield b""
    yield b"\x30\x81" + spki[1:]
    yield sm.spki(curve, x, y ^ 1)
    yield sm.spki(curve, curve.p, y)
    yield sm.spki(curve, 0, 0)
    yield sm.spki(sm.P256 if curve is sm.SM2 else sm.SM2, x, y)
    algorithm = sm.der(0x30, sm.der(6, sm.EC), sm.der(6, curve.oid))
    yield sm.der(0x30, algorithm, sm.der(3, b"\0", bytes([2 + y % 2]),
                                         sm.octets(x)))
    yield sm.der(0x30, algorithm, sm.der(3, b"\0", bytes([6 + y % 2]),
                                         sm.octets(x), sm.octets(y)))
    yield sm.der(0x30, algorithm, sm.der(3, b"\0\0"))
    yield sm.der(0x30, sm.der(0x30, sm.der(6, sm.EC)), sm.der(
        3, b"\0\4", sm.octets(x), sm.octets(y)))
    secp256k1 = bytes.fromhex("2b8104000a")
    yield sm.der(0x30, sm.der(0x30, sm.der(6, sm.EC), sm.der(6, secp256k1)),
                 sm.der(3, b"\0\4", sm.octets(x), sm.octets(y)))
    for _ in range(10):
        yield changed(rnd, spki)


def blocks(rnd, peer, say):
    data = rnd.randbytes(rnd.randrange(TEXT_MAX))
    say(peer.sm3(data) == sm.sm3(data) == hashlib.new("sm3", data).digest(),
        "SM3 of %s" % data.hex())
    key, block = rnd.randbytes(16), rnd.randbytes(16)
    for decrypt in False, True:
        say(peer.sm4(key, block, decrypt) == sm.sm4(key, block, decrypt),
            "SM4 %s %s" % (key.hex(), block.hex()))


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--cases", type=int, default=10)
    p.add_argument("peer", choices=list(PEERS))
    o = p.parse_args()
    rnd = random.Random(o.seed)
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        peer = PEERS[o.peer](folder)
        for case in range(o.cases):
            for curve in sm.CURVES.values():
                def say(good, what):
                    if not good:
                        wrong.append("case %d, %s: %s" % (
                            case, curve.name, what))
                signatures(rnd, peer, curve, say)
            if not isinstance(peer, Tool):
                blocks(rnd, peer, say)
    print(*wrong[:10], sep="\n", end="\n" if wrong else "")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
