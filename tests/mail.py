#!/usr/bin/env python3
"""Messages of write-mail, read by Python's email package.

mail.py give    what comes back is what was given, byte for byte
mail.py form    how the messages look: line lengths, words, headers, dates
mail.py refuse  what may not be in a message, and what is said of it

Prints nothing but faults; the status is 1 when there are any.
"""
import base64
import datetime
import email
import email.header
import email.policy
import email.utils
import re
import subprocess
import sys

FROM, TO, ID = "desk@example.org", "li.ming+card@mail.example.org", "a-1@host"
TEXTS = [
    "", "a", "Your card is ready", "您的社会保障卡已制成",
    "字" * 200, "😀" * 100, "a😀é字" * 37, "x" * 66, "x" * 67, "x" * 68,
    "x" * 997, "x y" * 400, " leading", "trailing ", "two  blanks   inside",
    "=?UTF-8?B?5a2X?=", "a =?utf-8?q?b?= c", 'quote " and \\ and <x@y>',
    "colon: comma, semicolon; (comment)", "12345 字", "字 字", "é" * 45,
    "\u200b", "\u200b ", "~" * 39, "字" * 13, "字" * 14, "字" * 15, "x" + "😀" * 10,
    "xx" + "😀" * 10, "xxx" + "😀" * 10, "王小明", "O'Brien, Q.",
]
BODIES = ["\n", "\n\n\n", "no end", "end\n", "\ttab\n", "字" * 5000,
          "a" * 998 + "\n", "a" * 5000 + "\n" + "字" * 400 + "\n",
          "line\n" * 3000, "." + "\n.\n..\nFrom here\n", "x" * 56 + "\n",
          "x" * 57 + "\n", "x" * 55 + "\n", "x" * 113 + "\n\n"]
faults = 0


def write(subject="", body="", to_name="", from_name="", to=TO, sender=FROM,
          ident=ID, ms=1795451275000):
    raw = body if isinstance(body, bytes) else body.encode()
    done = subprocess.run(["write-mail", sender, from_name, to, to_name,
                           subject, ident, str(ms)], input=raw,
                          capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr.decode()


def want(what, got, wanted):
    global faults
    if got != wanted:
        faults += 1
        print("%s\n  got:  %.300r\n  want: %.300r" % (what, got, wanted))


def parse(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


def name_of(raw, field):
    """By the older decoder: the policy puts blanks between the words of a
    long name (python/cpython issue 79728), which RFC 2047, 6.2, has none."""
    m = email.message_from_bytes(raw, policy=email.policy.compat32)
    name = email.utils.parseaddr(m[field])[0]
    return str(email.header.make_header(email.header.decode_header(name)))


def give():
    for text in TEXTS:
        _, raw, said = write(text, text, text, text[:300])
        want("nothing is said", said, "")
        m = parse(raw)
        want("defects", [*m.defects, *m["subject"].defects], [])
        want("subject", m["subject"], text)
        want("body", m.get_content(), text)
        for field, address, name in (("to", TO, text),
                                     ("from", FROM, text[:300])):
            found, = m[field].addresses
            want(field, found.addr_spec, address)
            want("name in " + field, name_of(raw, field), name)
            if len(name.encode()) <= 36:
                want("the same by policy", found.display_name, name)
            want("defects in " + field, m[field].defects, ())
    for body in BODIES:
        m = parse(write("x", body)[1])
        want("body", m.get_content().replace("\r\n", "\n"), body)
        want("its type", m.get_content_type(), "text/plain")
        want("its charset", m.get_content_charset(), "utf-8")


def check_form(text, raw):
    lines = raw.decode("ascii").split("\n")
    want("no CR", b"\r" in raw, False)
    want("the last line is whole", lines.pop(), "")
    head = lines[:lines.index("")]
    body = lines[len(head) + 1:]
    want("lines of the body", [n for n in body if len(n) > 76], [])
    want("all but the last are full", {len(n) for n in body[:-1]} - {76},
         set())
    want("line ends inside", re.findall(rb"[^\r]\n", b"x" + base64.b64decode(
        "".join(body))), [])
    for line in head:
        words = re.findall(r"=\?UTF-8\?B\?([A-Za-z0-9+/=]*)\?=", line)
        if words and "Subject: " + text != line:
            want("a line with words", len(line) > 76, False)
            want("one word a line", len(words), 1)
        for word in words:
            want("a word", len(word) + 12 > 75, False)
            base64.b64decode(word, validate=True).decode()
    for field in ("From", "To", "Subject", "Date", "Message-ID",
                  "MIME-Version", "Content-Type", "Auto-Submitted",
                  "Content-Transfer-Encoding"):
        want(field + " stands once",
             len([n for n in head if n.startswith(field + ":")]), 1)


def form():
    for text in TEXTS:
        check_form(text, write(text, text + "\nx\n", text, text[:300])[1])
    for body in BODIES:
        check_form("x", write("x", body)[1])
    m = parse(write("x", "y")[1])
    want("it is no person's", m["auto-submitted"], "auto-generated")
    want("its id", m["message-id"], "<a-1@host>")
    china = datetime.timezone(datetime.timedelta(hours=8))
    for ms in (0, -1000, 1795451275000, 1795535999999, 1795536000000,
               951782399000, 951811200000, 4102444799000, -2208988800000):
        at = datetime.datetime.fromtimestamp(ms // 1000, china)
        raw = write("x", "y", ms=ms)[1]
        want("date", parse(raw)["date"].datetime, at)
        want("with its day", ("\nDate: %s +0800\n" % at.strftime(
            "%a, %-d %b %Y %H:%M:%S")).encode() in raw, True)
    long = "n" * 64 + "@" + "d" * 63 + "." + "e" * 63 + ".example.org"
    m = parse(write("x", "y", "字" * 20, to=long)[1])
    want("a long address", m["to"].addresses[0].addr_spec, long)


def refuse():
    secret = "zhang-san"
    addresses = ["", "@", "a", "a@", "@b", "a@b@c", "a b@c", "a@b c",
                 " a@b", "a@b ", "a@b\n", "a\n@b", "a@b\r\nBcc: x@y",
                 "a@b,c@d", "a@b;", "<a@b>", "a(x)@b", '"a"@b', ".a@b",
                 "a.@b", "a..b@c", "a@.b", "a@b.", "a@b..c", "a@-b", "a@b-",
                 "-a@b", "字@b", "a@字", "a@b_c", "a\x7f@b", "a\t@b",
                 "a" * 65 + "@b", "a@" + "b" * 64, "a@[127.0.0.1]",
                 "a@" + ("b" * 60 + ".") * 4 + "bbbbbbbbb"]
    for bad in addresses:
        for field in ("to", "sender", "ident"):
            status, out, said = write("x", "y", **{field: bad})
            want("%s %r" % (field, bad), (status, out), (1, b""))
            want("the sentence", re.match(
                r"invalid: (to|from|message id): the form name@example\.org "
                r"is wanted\n$", said) is not None, True)
    for bad in ("\n", "\r", "\r\nBcc: x@y.z", "\t", "\x01", "\x1b[1m", "\x7f",
                "\u0085", "\u009b"):
        for field in ("subject", "to_name", "from_name"):
            status, out, said = write(**{field: secret + bad})
            want("%s %r" % (field, bad), (status, out), (1, b""))
            want("tells nothing", (secret in said, "control" in said),
                 (False, True))
    for bad in ("\r", "a\r\n", "\0", "\x0b", "\x1b", "\u009b"):
        status, out, said = write("x", secret + bad)
        want("body %r" % bad, (status, out), (1, b""))
        want("tells nothing", (secret in said, said[:14]),
             (False, "invalid: body:"))
    for bad in (b"\xff", b"\xe5\xad", b"\xed\xa0\x80", b"\xc0\xaf"):
        want("body %r" % bad, write("x", bad)[0], 1)
    for good in ("a@b", "A.b-c_d+e@x-1.example", "1@2", "o'b@example.org"):
        want(good, write("x", "y", to=good)[0], 0)


{"give": give, "form": form, "refuse": refuse}[sys.argv[1]]()
sys.exit(faults != 0)
