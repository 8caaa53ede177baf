#!/usr/bin/env python3
"""Broken lines among good ones, and a check that none is lost or changed.

lines.py make BROKEN         writes the input; LIMIT is 8192
lines.py check BROKEN TOOL   reads what came of it, TOOL having been last

Both make the same lines, so that nothing but the number has to agree.
"""
import base64
import hashlib
import json
import random
import sys

LIMIT = 8192
HEAD = 256
KEPT = ('"r":1.10', '"e" : 1E5', '"s":"\\u00e9\\/ \\ud83d\\ude00"',
        '"o":{ "x" : [1, 2 ,3] , "\\u006e":null}', '"i":9007199254740993')


def citizen(n):
    body = "110105%04d%02d%02d%03d" % (1950 + n % 50, 1 + n // 50 % 12,
                                       1 + n // 600 % 28, n % 1000)
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(w * int(c) for w, c in zip(weights, body))
    return body + "10X98765432"[total % 11]


def good(n):
    person = '"person":{"id_number":"%s","name":"王小明"}' % citizen(n)
    parts = ['"n":%d' % n, person] + list(KEPT)
    random.Random(n).shuffle(parts)
    return ("{" + ",".join(parts) + "}").encode()


def junk(rnd, n):
    return bytes(rnd.choice(b"\x00\x01\x7f\x80\xff\xc3\x28 \"\\{}[],:aZ9\t\r")
                 for _ in range(n))


def broken():
    """Each kind of line that is no record, as a function of randomness."""
    whole = good(1)
    return [
        lambda r: b"",
        lambda r: b" \t " * r.randint(1, 9),
        lambda r: b"\r",
        lambda r: b"not JSON at all",
        lambda r: b"[%s]" % whole,
        lambda r: b"%d" % r.randint(0, 99),
        lambda r: b"null",
        lambda r: b'"a string with \\" and \\\\ in it"',
        lambda r: whole[:r.randint(1, len(whole) - 1)],
        lambda r: whole + whole,
        lambda r: whole + b" ,",
        lambda r: b'{"a":1,"\\u0061":2}',
        lambda r: b'{"o":{"b":1,"b":1}}',
        lambda r: b'{"a":"x\x00y"}',
        lambda r: b"\x00" * r.randint(1, 300),
        lambda r: b'{"a":"\\u0000"}',
        lambda r: b'{"a":"\xc3\x28"}',
        lambda r: b'{"a":"\xed\xa0\x80"}',
        lambda r: b'{"a":"\xc0\xaf\xf5"}',
        lambda r: b'{"a":"\\ud800"}',
        lambda r: b'{"a":"\\udc00\\ud800"}',
        lambda r: b"\xef\xbb\xbf" + whole,
        lambda r: b'{"a":1e999}',
        lambda r: b'{"a":-1%s}' % (b"0" * r.randint(19, 400)),
        lambda r: b'{"a":01}',
        lambda r: b'{"a":+1}',
        lambda r: b'{"a":.5}',
        lambda r: b'{"a":NaN}',
        lambda r: b"{'a':1}",
        lambda r: b'{"a":1,}',
        lambda r: b"[" * 3000 + b"]" * 3000,
        lambda r: b'{"a":' * 1300,
        lambda r: b'{"a":"x\x01\x1f\ty"}',
        lambda r: b'{"a":1}\r{"b":2}',
        lambda r: b'{"a":"\x7f\xc2\x85\xe2\x80\xa8',
        lambda r: junk(r, r.randint(1, 500)),
        lambda r: junk(r, r.randint(3000, LIMIT)),
        lambda r: ("长" * r.randint(1, 2730)).encode(),
        lambda r: b'"' * r.randint(LIMIT // 2 - 300, LIMIT // 2),
        lambda r: b"x" * r.randint(LIMIT - 400, LIMIT),
        lambda r: b"x" * (LIMIT + 1),
        lambda r: b"x" * 254 + "长".encode() * 3000,
        lambda r: junk(r, 300) + b"y" * r.randint(LIMIT, 20000),
        lambda r: whole[:-1] + b" " * LIMIT + b"}",
    ]


def lines(count):
    kinds = broken()
    rnd = random.Random(20240229)
    n = 1
    for i in range(count):
        yield False, kinds[i % len(kinds)](rnd)
        if i % 4 == 0:
            n += 1
            yield True, good(n)
        if i % 3000 == 999:
            yield False, b"z" * 600000
    yield False, b'{"the last":"without newline"'


def check_broken(number, raw, out, text):
    line = out["line"]
    assert out["error"]["code"] == "invalid" and out["error"]["message"]
    assert line["number"] == number, "its number"

    def data(s):
        return base64.b64decode(s, validate=True) \
            if line.get("encoding") == "base64" else s.encode()
    if "text" in line:
        assert data(line["text"]) == raw, "its bytes"
    else:
        assert data(line["head"]) == raw[:HEAD], "its head"
        assert line["length"] == len(raw), "its length"
        assert line["sm3"] == hashlib.new("sm3", raw).hexdigest(), "its SM3"
        assert len(raw) > LIMIT or 6 * len(raw) + 400 > LIMIT
    try:
        kept = raw if "text" in line else raw[:HEAD]
        plain = "\0" not in kept.decode()
    except UnicodeDecodeError:
        plain = False
    assert plain == ("encoding" not in line), "its encoding"
    assert len(text) <= LIMIT, "within the limit"


def check_good(raw, out, text, tool):
    assert "error" not in out, "no error"
    assert out["n"] == json.loads(raw)["n"], "in order"
    want = ("applied",) if tool == "ss-apply" else \
        ("approved", "pending", "returned", "rejected")
    assert out["state"] in want, "its state"
    for kept in KEPT:
        assert kept in text.decode(), "kept: " + kept


def check(count, tool):
    got = sys.stdin.buffer.read().split(b"\n")
    assert got.pop() == b"", "the last line is whole"
    want = list(lines(count))
    for i, ((is_good, raw), text) in enumerate(zip(want, got), 1):
        try:
            out = json.loads(text)
            if is_good:
                check_good(raw, out, text, tool)
            else:
                check_broken(i, raw, out, text)
        except (AssertionError, KeyError, ValueError) as e:
            sys.exit("line %d: %r\nin:  %r\nout: %r" %
                     (i, e, raw[:200], text[:500]))
    assert len(got) == len(want), "%d lines, not %d" % (len(got), len(want))


def main():
    count = int(sys.argv[2])
    if sys.argv[1] == "make":
        sys.stdout.buffer.write(b"\n".join(raw for _, raw in lines(count)))
    else:
        check(count, sys.argv[3])


main()
