#!/usr/bin/env python3
"""A key helper, written from ss-keys(5) alone; and helpers that fail.

key-helper.py REGION [FAULT OP [FILE]]

has the test keys of a region, version 1, of all six names and both ciphers.
With FAULT it fails at its first OP; with FILE only when that is not there,
which it then makes: so it fails once among several helpers.
"""
import hashlib
import json
import os
import signal
import sys
import time

from arithmetic import Card

NAMES = ("IRK", "STK", "UKSSSE", "BK", "PUK", "RKSSSE")
WORDS = {
    "diversify": ("short", "pair", "none"),
    "session": ("short", "pair", "none"),
    "mac_key": ("short", "pair", "none"),
    "auth_cut": ("left", "fold"),
    "mac_cut": ("left", "fold"),
    "mac_start": ("zero", "challenge"),
    "mac_rule": ("cbc", "retail"),
    "pin_pad": ("80", "80-partial", "zero"),
    "mac_pad": ("80", "80-partial", "zero"),
}


def down(key, cipher, region, city):
    """From the region's key to the city's, by the defaults."""
    calc = Card(cipher, "-")
    if region == "000000" and city[:2] != "00":
        key = calc.diversify(key, city[:2].encode() + b"0000sh")
    if region[2:] == "0000" and city[2:] != "0000":
        key = calc.diversify(key, city.encode() + b"sx")
    return key


def master(region, name, cipher):
    seed = "sscard test key %s %s 1" % (name, cipher)
    key = hashlib.new("sm3", seed.encode()).digest()[:16]
    return down(key, cipher, "000000", region)


def kcv(m):
    return Card(m["cipher"], "-").kcv(KEYS[m["key"], m["cipher"]]).hex()


def listed(region):
    rows = []
    for cipher in ("3des", "sm4"):
        for name in NAMES:
            m = {"region": region, "key": name, "version": 1,
                 "cipher": cipher, "test": True}
            rows.append(dict(m, kcv=kcv(m)))
    return rows


def compute(q):
    if q["op"] == "hello":
        return {"masters": listed(REGION)}
    m = q["master"]
    if m["region"] != REGION or m["version"] != 1:
        return {"error": {"code": "missing", "message": "no such key"}}
    if q["op"] == "kcv":
        return {"kcv": kcv(m)}
    a = q["arithmetic"]
    calc = Card(m["cipher"], "".join(
        str(words.index(a[name])) for name, words in WORDS.items()))
    key = down(KEYS[m["key"], m["cipher"]], m["cipher"], REGION, q["city"])
    key = calc.diversify(key, bytes.fromhex(q["historical"])[5:])
    factor = bytes.fromhex(q["factor"])
    if q["op"] == "auth":
        return {"auth": calc.auth(key, factor,
                                  bytes.fromhex(q["original"])).hex()}
    if q["op"] == "order":
        return {"data": calc.mac(key, factor, bytes.fromhex(
            a["headers"][q["order"]])).hex()}
    bcd = bytes.fromhex(q["pin"] + "f" * (len(q["pin"]) % 2))
    clear = calc.pad(calc.pin_pad, bytes([len(bcd)]) + bcd)
    session = calc.session(key, factor)
    enc = b"".join(calc.cipher(session, clear[i:i + calc.block])
                   for i in range(0, len(clear), calc.block))
    return {"data": (enc + calc.mac(key, factor, bytes.fromhex(
        a["headers"]["reload_pin"]), enc)).hex()}


def changed(answer, f):
    """The one member that is hexadecimal, or the first row's, by f."""
    for name in ("auth", "data", "kcv"):
        if name in answer:
            answer[name] = f(answer[name])
    if "masters" in answer:
        answer["masters"][0]["kcv"] = f(answer["masters"][0]["kcv"])
    return answer


def row(**members):
    def f(answer):
        answer["masters"][3].update(members)
        return answer
    return f


def error(code, message="no"):
    def f(answer):
        for name in ("auth", "data", "kcv", "masters"):
            answer.pop(name, None)
        return dict(answer, error={"code": code, "message": message})
    return f


LIES = {
    "number": lambda a: dict(a, n=a["n"] + 1),
    "late": lambda a: dict(a, n=a["n"] - 1),
    "op": lambda a: dict(a, op="order" if a["op"] == "auth" else "auth"),
    "v": lambda a: dict(a, v=2),
    "short": lambda a: changed(a, lambda h: h[2:]),
    "long": lambda a: changed(a, lambda h: h + "00"),
    "hex": lambda a: changed(a, lambda h: "zz" + h[2:]),
    "upper": lambda a: changed(a, lambda h: "AB" + h[2:]),
    "other": lambda a: changed(a, lambda h: ("00" if h[:2] != "00" else "11")
                               + h[2:]),
    "empty": lambda a: {},
    "many": lambda a: dict(a, masters=[
        dict(a["masters"][0], version=1 + i % 255, region="%06d" % (i // 255))
        for i in range(2049)]),
    "twice": lambda a: dict(a, masters=a["masters"] + a["masters"][:1]),
    "less": lambda a: dict(a, masters=a["masters"][1:]),
    "name": row(key="KEY"),
    "region": row(region="11010x"),
    "version": row(version=256),
    "cipher": row(cipher="aes"),
    "test": row(test="yes"),
    "code": error("strange"),
    "auth": error("auth"),
    "policy": error("policy", "not\u001b[2J today"),
}


def endless(text):
    try:
        while True:
            os.write(1, text)
    except BrokenPipeError:
        sys.exit(1)


def fail(fault, q, line):
    """What is written instead of the answer, or does not return."""
    if fault in LIES:
        return json.dumps(LIES[fault](q)) + "\n"
    if fault == "text":
        return "Last login: yesterday\n"
    if fault == "two":
        return json.dumps(q) + "\n" + json.dumps(q) + "\n"
    if fault == "echo":
        return json.dumps(error("crypto", "what is " + line)(q)) + "\n"
    if fault == "die":
        sys.exit(7)
    if fault == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if fault == "half":
        os.write(1, b'{"v":1,')
        sys.exit(7)
    if fault == "hangup":
        os.close(1)
    if fault == "line":
        endless(b"x" * 65536)
    if fault == "lines":
        endless(b'{"v":1}\n' * 8192)
    if fault == "stderr":
        for _ in range(200):
            os.write(2, b"noise " * 10000)
        return json.dumps(q) + "\n"
    if fault == "child":
        if os.fork() == 0:
            time.sleep(1000)
        sys.exit(7)
    if fault == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(1000)


def main():
    fault, op, mark = (sys.argv[2:] + [None] * 3)[:3]
    if fault == "deaf" and not os.path.exists(mark):
        open(mark, "w").close()
        os.close(0)
        time.sleep(1000)
    if fault == "banner":
        os.write(1, b"Welcome to hsm\n")
    for line in sys.stdin:
        q = json.loads(line)
        answer = dict({"v": 1, "n": q["n"], "op": q["op"]}, **compute(q))
        text = json.dumps(answer) + "\n"
        if q["op"] == op and not (mark and os.path.exists(mark)):
            if mark:
                open(mark, "w").close()
            text = fail(fault, answer, line)
        os.write(1, text.encode())


REGION = sys.argv[1]
KEYS = {(n, c): master(REGION, n, c) for n in NAMES for c in ("3des", "sm4")}
main()
