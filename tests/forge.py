#!/usr/bin/env python3
"""Forges a register in SQLite, as one could who may write to its file, has
read ss-registry(5), and has no operator's key.

forge.py FILE EDIT...

  record ID JSON      the record is this one in canonical form, as its last
                      event says
  event ID N COLUMN VALUE      a column of an event
  again ID STEP TIME OPERATOR  the last event again, as another step
  cut ID              the last event, and the record's last seal
  drop ID             an application with all that it has
  action STATION N COLUMN VALUE    a column of an action
  end STATION         the last action

Then all that follows is made anew: digests, chains, numbers and counts.
"""
import sqlite3
import sys

import seals
import sm

EVENT = ("id number step state time operator station station_number "
         "record_sm3 prev").split()
ACTION = "station number time operator word subject detail prev".split()


def lines(values):
    return "".join("%s\n" % v for v in values).encode()


def digest(text):
    return sm.sm3(text).hex()


def form(record):
    def member(value):
        return "" if value is None else seals.canonical_text(value)
    out = [member(record.get(name)) for name in ("kind", "region", "person")]
    out.append(member((record.get("photo") or {}).get("sm3")))
    out += ["%s %s" % (d["kind"], d["sm3"])
            for d in record.get("documents") or []]
    return digest(lines(out))


class Register:
    def __init__(self, path):
        self.db = sqlite3.connect(path)
        self.db.row_factory = sqlite3.Row

    def all(self, sql, *args):
        return self.db.execute(sql, args).fetchall()

    def do(self, sql, *args):
        if self.db.execute(sql, args).rowcount < 1:
            raise SystemExit("nothing is changed by: %s" % sql)

    # Each takes its arguments off the list.

    def record(self, args):
        name, text = args.pop(0), args.pop(0)
        self.put(name, seals.parse(text.encode()))

    def put(self, name, record):
        text = seals.canonical_text(record)
        self.do("UPDATE application SET record = ?, state = ?, region = ?,"
                " person = ?, revision = ?, form_sm3 = ? WHERE id = ?", text,
                record["state"], record["region"],
                record["person"]["social_number"],
                record["applied"]["revision"], form(record), name)

    def event(self, args):
        name, number, column, value = (args.pop(0) for _ in range(4))
        self.do("UPDATE event SET %s = ? WHERE id = ? AND number = ?" %
                column, value, name, number)

    def again(self, args):
        name, step, time, operator = (args.pop(0) for _ in range(4))
        self.do("INSERT INTO event SELECT id, number + 1, ?, state, status,"
                " ?, ?, station, (SELECT MAX(station_number) + 1 FROM event o"
                " WHERE o.station = e.station), record_sm3, '', '' FROM event"
                " e WHERE id = ? ORDER BY number DESC LIMIT 1", step, time,
                operator, name)

    def cut(self, args):
        name = args.pop(0)
        self.do("DELETE FROM event WHERE id = ? AND number = (SELECT"
                " MAX(number) FROM event WHERE id = ?)", name, name)
        record = seals.parse(self.all("SELECT record FROM application WHERE"
                                      " id = ?", name)[0][0].encode())
        covers = record["seals"].pop()["covers"]
        for member in set(covers) - {"state"}:
            del record[member]          # it had none before
        record["state"] = "applied"
        self.put(name, record)

    def drop(self, args):
        name = args.pop(0)
        self.do("DELETE FROM application WHERE id = ?", name)
        self.do("DELETE FROM event WHERE id = ?", name)

    def action(self, args):
        station, number, column, value = (args.pop(0) for _ in range(4))
        self.do("UPDATE action SET %s = ? WHERE station = ? AND number = ?" %
                column, value, station, number)

    def end(self, args):
        station = args.pop(0)
        self.do("DELETE FROM action WHERE station = ? AND number = (SELECT"
                " MAX(number) FROM action WHERE station = ?)", station,
                station)

    def renew(self):
        for (name,) in self.all("SELECT DISTINCT station FROM event"):
            for n, row in enumerate(self.all(
                    "SELECT id, number FROM event WHERE station = ?"
                    " ORDER BY station_number", name), 1):
                self.do("UPDATE event SET station_number = ? WHERE id = ?"
                        " AND number = ?", n, *row)
        for app in self.all("SELECT id, record FROM application"):
            self.chain(app["id"], digest(app["record"].encode()))
        self.actions()
        self.do("UPDATE station SET events = (SELECT COUNT(*) FROM event e"
                " WHERE e.station = station.name), actions = (SELECT COUNT(*)"
                " FROM action a WHERE a.station = station.name)")
        self.db.commit()

    def chain(self, name, record_sm3):
        prev, events = "", self.all("SELECT * FROM event WHERE id = ?"
                                    " ORDER BY number", name)
        for n, event in enumerate(events, 1):
            e = dict(event, number=n, prev=prev)
            if n == len(events):
                e["record_sm3"] = record_sm3
            card = "" if e["status"] == "none" else " " + e["status"]
            prev = digest(lines(dict(e, state=e["state"] + card)[c]
                                for c in EVENT))
            self.do("UPDATE event SET number = ?, record_sm3 = ?, prev = ?,"
                    " digest = ? WHERE id = ? AND number = ?", n,
                    e["record_sm3"], e["prev"], prev, name, event["number"])
        self.do("UPDATE application SET record_sm3 = ?, events = ?, head = ?,"
                " changed = ? WHERE id = ?", record_sm3, len(events), prev,
                events[-1]["time"], name)

    def actions(self):
        prev, station = "", None
        for row in self.all("SELECT * FROM action ORDER BY station, number"):
            a = dict(row)
            if a["station"] != station:
                prev, station = "", a["station"]
            a["prev"] = prev
            prev = digest(lines(a[c] for c in ACTION))
            self.do("UPDATE action SET prev = ?, digest = ? WHERE station = ?"
                    " AND number = ?", a["prev"], prev, station, a["number"])


def main():
    args = sys.argv[1:]
    register = Register(args.pop(0))
    while args:
        getattr(register, args.pop(0))(args)
    register.renew()


if __name__ == "__main__":
    main()
