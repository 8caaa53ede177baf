#!/usr/bin/python3
"""usage: model.py [--seed N] [--steps N] [--log FILE]

Random sequences of every command against one register, beside a model of what
the manual says: for each record the outcome (done, already, passed, or the
code of its error) and what the application, its card and the plastic are
afterwards. What differs is shown with the run that led there, and the status
is 1. A step is one record through one command.

The register is SSCARD_REGISTRY; the current folder is its own, with p.jpg,
one.pdf and two.pdf; data.d in it becomes the data folder, with regions whose
rules differ.
"""
import argparse
import collections
import json
import os
import random
import shutil
import subprocess
import sys
import time

OPEN = {'applied', 'pending', 'approved', 'returned', 'making', 'made',
        'collected'}
LIVE = {'normal', 'lost', 'locked', 'temporarily-lost'}
DAY = 86400

# The rules of life: states, the one left; statuses, the one left; stocks, the
# one left. None: any, or as it was.
LIFE = {
    'mend': ({'returned'}, 'applied', None, None, None, None),
    'hold': ({'applied', 'pending'}, 'pending', None, None, None, None),
    'approve': ({'applied', 'pending'}, 'approved', None, None, None, None),
    'return': ({'applied', 'pending'}, 'returned', None, None, None, None),
    'reject': ({'applied', 'pending'}, 'rejected', None, None, None, None),
    'notify': ({'returned', 'rejected', 'made'}, None, None, None, None, None),
    'make': ({'approved'}, 'making', None, None, {'none', 'spoiled'},
             'blank'),
    'give-up': ({'making'}, 'approved', None, None, {'blank'}, 'spoiled'),
    'finish': ({'making'}, 'made', None, 'dormant', {'blank'}, 'made'),
    'collect': ({'made'}, 'collected', {'dormant'}, None, {'made'}, None),
    'take-back': ({'collected'}, 'made', {'dormant'}, None, {'made'}, None),
    'activate': ({'collected'}, 'active', {'dormant'}, 'normal', {'made'},
                 None),
    'set-pin': ({'collected', 'active'}, None, {'dormant', 'normal'}, None,
                None, None),
    'lose-for-now': ({'active'}, None, {'normal'},
                     'temporarily-lost', None, None),
    'lose': ({'active'}, None, {'normal', 'locked', 'temporarily-lost'},
             'lost', None, None),
    'release': ({'active'}, None, {'lost', 'temporarily-lost'}, 'normal',
                None, None),
    'lock': ({'active'}, None, {'normal'}, 'locked', None, None),
    'lock-found': ({'active', 'cancelled'}, None,
                   {'lost', 'temporarily-lost', 'cancelled'}, None, None,
                   None),
    'unlock': ({'active'}, None, {'normal', 'locked'}, 'normal', None, None),
    'cancel': (OPEN - {'making'} | {'active'}, 'cancelled', None,
               'cancelled', None, None),
    'seal': ({'made'}, None, {'dormant'}, None, None, None),
    'replace': ({'active'}, 'cancelled', LIVE, 'cancelled', None, None),
    'hand-in': ({'active', 'cancelled'}, None, None, None, {'made'},
                'returned'),
    'destroy': ({'active', 'cancelled'}, None, None, None, {'returned'},
                'destroyed'),
}

# Regions whose rules differ, as a policy and as the model reads it.
POLICIES = {
    '1101': {'loss': {'temporary_lapses_after': '2 days'},
             'collect': {'uncollected_after': '10 days'}},
    '2201': {'loss': {'temporary_lapses_after': '36 hours',
                      'release_formal': False,
                      'self_service_with_initial_pin': True},
             'collect': {'uncollected_after': '6 days',
                         'seal_uncollected': True},
             'replace': {'damaged_else_formal_loss': False}},
    '4403': {'loss': {'temporary_lapses_after': None},
             'card': {'renewal_from': '3630 days'},
             'replace': {'damaged_handed_in': False}},
}
RULES = {
    '110101': {'lapse': 2 * DAY, 'uncollected': 10 * DAY, 'renewal': 60},
    '220102': {'lapse': 36 * 3600, 'uncollected': 6 * DAY, 'renewal': 60,
               'never_release': True, 'self_service': True, 'seal': True,
               'hand_in_only': True},
    '440304': {'renewal': 3630, 'damaged_freely': True},
}
MANUAL = ('likeness', 'bareheaded', 'face')


class Mismatch(Exception):
    """The register and the model do not agree."""


def instant(t):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(t))


def civil_day(t):
    return time.strftime('%Y-%m-%d', time.gmtime(t + 8 * 3600))


def canonical(record):
    return json.dumps({k: v for k, v in record.items() if k != 'already'},
                      ensure_ascii=False, sort_keys=True,
                      separators=(',', ':'))


def citizen(serial):
    digits = '110105%d%02d%02d%03d' % (
        1960 + serial // 22000 % 40, 1 + serial // 1800 % 12,
        1 + serial // 100 % 18, 100 + serial % 100)
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(w * int(d) for w, d in zip(weights, digits))
    return digits + '10X98765432'[total % 11]


class App:
    """An application, its card and the plastic."""

    def __init__(self, form):
        self.form = form
        self.state = self.status = self.stock = 'none'
        self.id = None
        self.replaces = False   # made by ss-reissue
        self.revision = 1
        self.clerk = 'wang'
        self.number = ''
        self.claim = self.claimant = ''
        self.until = None       # of a temporary loss
        self.made = None        # when
        self.expires = ''
        self.sealed = self.taken_back = False
        self.told = None        # what the applicant was told of
        self.answers = {}       # of the manual checks, of this revision
        self.steps = []
        self.stale = False      # its record is to be read anew
        self.record = None      # as the register has it
        self.old = []           # and as it had it
        self.touched = -1       # by this run, ...
        self.last = ''          # ... with this step

    @property
    def person(self):
        return self.form['number']

    @property
    def rules(self):
        return RULES[self.form['region']]

    def status_at(self, now):
        if self.status == 'temporarily-lost' and self.until is not None and \
                self.until <= now:
            return 'normal'
        return self.status

    def may(self, step, now):
        states, _, statuses, _, stocks, _ = LIFE[step]
        return self.state in states and (
            statuses is None or self.status_at(now) in statuses) and (
            stocks is None or self.stock in stocks)

    def take(self, step, now):
        """The step, and before it that of a loss that has lapsed."""
        status = self.status_at(now)
        if status != self.status:
            self.steps.append(['lapse', self.state, status])
            self.status = status
        _, state, _, status, _, stock = LIFE[step]
        self.state = state or self.state
        if status and (self.status != 'none' or step == 'finish'):
            self.status = status
        self.stock = stock or self.stock
        self.steps.append([step, self.state, self.status])

    def in_the_way(self):
        return self.state in OPEN, self.status in LIVE or (
            not self.replaces and self.state in OPEN)


def done(step, members, effect=None, **more):
    return dict(outcome='done', step=step, members=set(members),
                effect=effect, **more)


def error(code):
    return dict(outcome=code)




def already():
    return dict(outcome='already')


def passed():
    return dict(outcome='passed')


class Model:
    def __init__(self, rng, log):
        self.rng = rng
        self.log = log
        self.apps = {}
        self.by_person = collections.defaultdict(list)
        self.numbers = {}       # card numbers, and whose
        self.spoiled = {}       # how many cards each has spoiled
        self.people = 0
        self.now = 1796083200   # 2026-12-01
        self.steps = self.runs = 0
        self.met = collections.Counter()
        self.env = dict(os.environ, TZ='UTC', FAKETIME_DONT_FAKE_MONOTONIC='1',
                        SSCARD_DATA=os.path.abspath('data.d'))
        self.tools = os.environ['SS_TOOLS']
        self.commands = [
            (self.apply, 16), (self.verify, 18), (self.claim, 5),
            (self.release, 2), (self.make, 12), (self.collect, 12),
            (self.activate, 11), (self.report_loss, 10), (self.reissue, 8),
            (self.cancel, 4), (self.overdue, 1), (self.plastic, 3),
            (self.named, 3), (self.pin_and_lock, 2)]
        if os.path.exists(os.path.join(os.environ['SS_BIN'], 'ss-notify')):
            self.commands.append((self.notify, 5))
        self.activator = os.path.exists(os.path.join(self.tools, 'activate'))
        self.reporter = os.path.exists(os.path.join(os.environ['SS_BIN'],
                                                    'ss-report'))

    # Runs.

    def run(self, args, lines=(), who='wang', station='d1'):
        self.runs += 1
        text = ''.join(line + '\n' for line in lines)
        env = dict(self.env, SSCARD_OPERATOR=who, SSCARD_STATION=station)
        at = time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(self.now))
        p = subprocess.run(['faketime', '-f', at] + args, input=text.encode(),
                           capture_output=True, env=env, timeout=120)
        self.last = (at, who, station, args, text, p)
        if self.log:
            self.log.write('# %s %s@%s %s\n%s= %d\n%s%s' % (
                at, who, station, ' '.join(args), text, p.returncode,
                p.stdout.decode(), p.stderr.decode()))
        return p

    def wrong(self, what):
        at, who, station, args, text, p = self.last
        with open('model.in', 'w', encoding='utf-8') as f:
            f.write(text)
        raise Mismatch('%s\nrun %d, step %d: %s, %s at %s: %s < model.in\n'
                       'status %d\n%s%s' % (
                           what, self.runs, self.steps, at, who, station,
                           ' '.join(args), p.returncode,
                           p.stdout.decode()[:4000],
                           p.stderr.decode()[:2000]))

    def must(self, holds, what):
        if not holds:
            self.wrong(what)

    # What a run is given.

    def pick(self, states, n, others=0.2):
        """n applications, most of them in these states."""
        good = [a for a in self.recent if a.state in states]
        out = []
        for _ in range(n):
            pool = good if good and self.rng.random() > others else \
                self.recent
            if pool:
                out.append(self.rng.choice(pool))
        return out

    @property
    def recent(self):
        """Those that have not yet been left in peace."""
        return list(self.apps.values())[-400:]

    def size(self):
        return self.rng.choice((1, 2, 4, 7, 10, 14))

    def shape(self, app, odd=True):
        """A record of it, and what is odd about that: its record now, an
        earlier one, one altered, of no register, failed, or no record."""
        record = json.loads(app.record)
        if not odd or self.rng.random() < 0.78:
            return record, None
        what = self.rng.choice(('old', 'old', 'altered', 'unknown', 'failed',
                                'noise'))
        if what == 'old':
            # A card that was spoiled leaves the record as it was before.
            old = [r for r in app.old if r != app.record]
            if not old:
                return record, None
            return json.loads(self.rng.choice(old)), 'old'
        if what == 'altered':
            self.rng.choice((
                lambda r: r.update(extra={'x': '1'}),
                lambda r: r['applied'].update(by='nobody'),
                lambda r: r['person'].update(address='else')))(record)
        elif what == 'unknown':
            record['id'] += '-unknown'
        elif what == 'failed':
            record['error'] = {'tool': 'ss-x', 'code': 'card',
                               'message': 'a card that failed before'}
        return record, what

    def odd_code(self, odd):
        return {'altered': 'auth', 'unknown': 'missing', 'failed': 'card',
                'noise': 'invalid'}.get(odd)

    def task(self, args, apps, rule, given=None, who='kou', odd=True,
             station='k1'):
        """A run of a command that works on what the register has."""
        name = os.path.basename(args[0])
        items = []
        first = {}      # what becomes of the first of each application
        for app in apps:
            record, what = self.shape(app, odd)
            if given is not None:
                record.update(given(app))
            code = self.odd_code(what)
            expected = error(code) if code else rule(app)
            if what not in ('failed', 'noise'):
                key = record['id']
                if key in first:
                    expected = dict(already() if not code else expected,
                                    behind=first[key])
                first.setdefault(key, expected)
            line = 'no record' if what == 'noise' else \
                json.dumps(record, ensure_ascii=False)
            items.append((app, line, what, expected))
        p = self.run(args, [i[1] for i in items], who, station)
        self.settle(name, items, p)

    # What came of it.

    def settle(self, name, items, p):
        out = p.stdout.decode().splitlines()
        self.must(len(out) == len(items), 'one in, one out')
        failed = False
        for (app, line, what, expected), text in zip(items, out):
            wanted, expected = expected, self.commit(app, expected)
            wanted['came_to'] = expected
            self.steps += 1
            self.met[name + ' ' + expected['outcome']] += 1
            record = json.loads(text)
            failed |= 'error' in record
            self.compare(name, app, line, what, expected, record)
        self.must(p.returncode == (1 if failed else 0), 'the status')
        self.look([i[0] for i in items if i[0] is not None])

    def compare(self, name, app, line, what, expected, record):
        got = record['error']['code'] if 'error' in record else \
            'already' if record.get('already') else None
        want = expected['outcome']
        where = 'of %s (%s): ' % (app.id if app else 'a form', what)
        if got != (want if want not in ('done', 'passed') else None):
            self.wrong('%s%s is wanted, not %s' % (where, want, got))
        if 'error' in record:
            if what != 'noise':
                given = json.loads(line)
                given.pop('error', None)
                del record['error']
                self.must(record == given, where + 'it goes out as it came')
            return
        target = expected.get('other', app)
        if want == 'done':
            self.adopt(target, record, expected)
        # A group is worked on from what the register had when it began.
        known = [target.record] + (target.old[-1:] if want != 'done' and
                                   target.touched == self.runs else [])
        self.must(canonical(record) in known,
                  where + 'it is not what the register has:\n' +
                  canonical(record) + '\n' + str(target.record))

    def adopt(self, app, record, expected):
        """A record that was changed: in what it may be, and as it must."""
        where = 'of %s: ' % app.id
        if app.record is not None:
            was = json.loads(app.record)
            own = expected['members'] | {'state'}
            for member in set(was) | set(record):
                self.must(member in own | {'already'} or
                          was.get(member) == record.get(member),
                          where + 'member %s was changed' % member)
            app.old.append(app.record)
        if app.id is None:
            app.id = record['id']
            self.must(app.id not in self.apps, where + 'an id given twice')
            self.apps[app.id] = app
        self.must(record['state'] == app.state, where + 'state is not ' +
                  app.state)
        self.must(record['applied']['revision'] == app.revision,
                  where + 'revision is not %d' % app.revision)
        self.must(record['kind'] == app.form['kind'], where + 'kind')
        self.must(record['person']['social_number'] == app.person,
                  where + 'person')
        if 'loss' in expected['members']:
            until = record['loss'].get('until')
            self.must(record['loss']['status'] == app.status and until == (
                instant(app.until) if app.until else None), where + 'loss')
        app.record = canonical(record)

    def blockers(self, app, state, status):
        """Others of the person that a new or changed row collides with."""
        is_open = state in OPEN
        alone = status in LIVE or (not app.replaces and is_open)
        out = []
        for other in self.by_person[app.person]:
            if other is app:
                continue
            o_open, o_alone = other.in_the_way()
            if (is_open and o_open) or (alone and o_alone):
                out.append(other)
        return sorted(out, key=lambda o: o.state not in OPEN)

    def commit(self, app, expected):
        """What is done, in the order of the run."""
        if 'behind' in expected:
            ahead = expected['behind']
            if ahead.get('came_to', ahead)['outcome'] not in (
                    'done', 'already', 'passed'):
                return error('state')
        if 'after' in expected:
            expected['after']()
        if expected['outcome'] != 'done':
            return expected
        if 'new' in expected:
            return self.commit_new(app, expected)
        if app.touched == self.runs:
            # The same step again in a run is done already.
            return already() if app.last == expected['step'] and \
                expected.get('form', app.form) == app.form else error('state')
        pair = expected.get('pair')
        if pair is not None and pair[0].touched == self.runs:
            return error('state')
        if pair is not None:
            self.commit_pair(*pair)
        app.touched = self.runs
        app.last = expected['step']
        app.take(expected['step'], self.now)
        if expected['effect'] is not None:
            expected['effect'](app)
        return expected

    def commit_pair(self, other, step):
        other.touched = self.runs
        other.last = step
        other.take(step, self.now)
        other.stale = True

    def commit_new(self, app, expected):
        new = expected['new']
        blockers = self.blockers(new, 'applied', 'none')
        if new.id is not None and new.id in self.apps:
            blockers = [self.apps[new.id]]
        if blockers:
            if blockers[0].form == new.form:
                return dict(outcome='already', other=blockers[0])
            return error('exists')
        pair = expected.get('pair')
        if pair is not None and pair[0].touched == self.runs:
            return error('state')
        if pair is not None:
            self.commit_pair(*pair)
        new.state = 'applied'
        new.steps = [['apply', 'applied', 'none']]
        new.touched = self.runs
        new.last = 'apply'
        new.id = None           # until it comes out
        self.by_person[new.person].append(new)
        return dict(expected, other=new)

    # What the register has.

    def look(self, apps):
        """These applications and the others of their persons."""
        want = {}
        for app in apps:
            for one in self.by_person[app.person]:
                want[one.id] = one
        ids = sorted(want)
        if not ids:
            return
        shown = self.run(['ss-registry', 'show'] + ids)
        self.must(shown.returncode == 0, 'all are there')
        for text in shown.stdout.decode().splitlines():
            app = want[json.loads(text)['id']]
            if app.stale:
                app.stale = False
                if text != app.record:
                    app.old.append(app.record)
                app.record = text
                self.must(json.loads(text)['state'] == app.state,
                          app.id + ': state is not ' + app.state)
            self.must(text == app.record, app.id + ': the record differs:\n' +
                      text + '\n' + str(app.record))
        told = self.run(['ss-registry', 'history'] + ids)
        chains = []
        for text in told.stdout.decode().splitlines():
            event = json.loads(text)
            if event['number'] == 1:
                chains.append([])
            chains[-1].append([event['step'], event['state'],
                               event['status']])
        for key, chain in zip(ids, chains):
            self.must(chain == want[key].steps, '%s: the steps\n%s\nare not'
                      '\n%s' % (key, chain, want[key].steps))

    def audit(self):
        p = self.run(['ss-registry', '-q', 'audit'])
        self.must(p.returncode == 0 and not p.stdout, 'the audit is clean')

    def whole(self):
        """All of the register."""
        self.audit()
        first = self.run(['ss-registry', 'export']).stdout
        left = dict(self.apps)
        cards = {}
        spoiled = collections.Counter()
        for text in first.decode().splitlines():
            x = json.loads(text)
            if 'application' in x:
                self.compare_line(left.pop(x['application'], None), x)
            elif x['table'] == 'card':
                self.must(x['number'] not in cards, 'a number given twice')
                cards[x['number']] = x
                self.must(self.numbers.get(x['number']) == x['id'],
                          'a number of nobody: ' + text)
                spoiled[x['id']] += x['stock'] == 'spoiled'
        self.must(not left, 'not in the register: %s' % list(left))
        self.must(len(cards) == len(self.numbers), 'the count of cards')
        for app in self.apps.values():
            self.must(spoiled[app.id] == self.spoiled.get(app.id, 0),
                      app.id + ': cards spoiled')
            if app.number:
                self.must(cards[app.number]['stock'] == app.stock,
                          app.id + ': the plastic is not ' + app.stock)
        for name in ('copy.db', 'copy.db-wal', 'copy.db-shm'):
            if os.path.exists(name):
                os.unlink(name)
        copy = ['-g', 'sqlite:' + os.path.abspath('copy.db')]
        with open('export', 'wb') as f:
            f.write(first)
        p = self.run(['ss-registry', '-q'] + copy + ['import', 'export'])
        self.must(p.returncode == 0, 'the export is imported')
        p = self.run(['ss-registry', '-q'] + copy + ['audit'])
        self.must(p.returncode == 0, 'the import is sound')
        second = self.run(['ss-registry'] + copy + ['export']).stdout
        self.must(sorted(first.splitlines()) == sorted(second.splitlines()),
                  'the same lines come out again')
        if self.reporter:
            p = self.run(['ss-report', 'reconcile'])
            self.must(p.returncode == 0, 'the books are balanced')

    def compare_line(self, app, x):
        self.must(app is not None, 'nobody applied for ' + x['application'])
        self.must(x['status'] == app.status, app.id + ': status is not ' +
                  app.status)
        claim = x.get('claim', {'until': '', 'station': ''})
        self.must((claim['until'], claim['station']) ==
                  (app.claim, app.claimant), '%s: the claim is not %s, %s' % (
                      app.id, app.claim, app.claimant))
        self.must(canonical(x['record']) == app.record, app.id + ': record')
        self.must([[e['step'], e['state'], e['status']] for e in x['events']]
                  == app.steps, app.id + ': steps')

    # The commands.

    def new_form(self):
        self.people += 1
        return {'kind': 'new', 'region': self.rng.choice(list(RULES)),
                'number': citizen(self.people), 'name': '王小明',
                'phone': '13800138000',
                'photo': self.rng.random() > 0.15,
                'document': 'one.pdf' if self.rng.random() > 0.05 else None}

    @staticmethod
    def write_form(form):
        x = {'region': form['region'], 'person': {
            'name': form['name'], 'id_number': form['number'],
            'id_until': '长期', 'phone': form['phone'],
            'address': '东城区1号'}}
        if form['kind'] != 'new':
            x['kind'] = form['kind']
        if form['photo']:
            x['photo'] = 'p.jpg'
        if form['document']:
            x['documents'] = {'identity': form['document']}
        return x

    def apply(self):
        items = []
        for _ in range(self.size()):
            kind = self.rng.choice(('new', 'new', 'new', 'again', 'another',
                                    'mend', 'mend', 'mend', 'record', 'id',
                                    'twice', 'noise'))
            items += getattr(self, 'apply_' + kind)()
        # What a form collides with is looked up when the group is stored.
        mended = {i[0].id for i in items if i[2] == 'mended'}
        mended |= {self.apps[i].person for i in mended}
        items = [i for i in items if 'new' not in i[3] or not (
            {i[3]['new'].id, i[3]['new'].person} & mended)]
        if items:
            args = ['ss-apply', '-q']
            if self.rng.random() < 0.3:
                args += ['-j', '3']
            self.settle('ss-apply', items, self.run(args, [
                i[1] for i in items]))

    def form_item(self, form, given=None):
        new = App(dict(form))
        new.id = given
        x = self.write_form(form)
        if given is not None:
            x['id'] = given
        return (None, json.dumps(x, ensure_ascii=False), 'form',
                done('apply', (), new=new))

    def apply_new(self):
        return [self.form_item(self.new_form())]

    def apply_twice(self):
        form = self.new_form()
        other = dict(form, name='王大明')
        return [self.form_item(form), self.form_item(
            self.rng.choice((form, other)))]

    def apply_again(self):
        return [self.form_item(a.form) for a in self.pick(OPEN, 1, 0.5)]

    def apply_another(self):
        return [self.form_item(dict(a.form, phone='13900139%03d' %
                                    self.rng.randrange(1000)))
                for a in self.pick(OPEN | {'active'}, 1, 0.2)]

    def apply_id(self):
        taken = self.pick(OPEN, 1)
        if taken and self.rng.random() < 0.5:
            return [self.form_item(self.rng.choice(
                (taken[0].form, self.new_form())), taken[0].id)]
        return [self.form_item(self.new_form(), 'g%d' % self.people)]

    def apply_noise(self):
        return [(None, self.rng.choice(('{"person":', '[]', '', '{}')),
                 'noise', error('invalid'))]

    def apply_record(self):
        items = []
        for app in self.pick({'applied'}, 1, 0.7):
            record, what = self.shape(app)
            line = 'no record' if what == 'noise' else \
                json.dumps(record, ensure_ascii=False)
            if record.get('state') == 'returned' and what in (
                    None, 'altered', 'old'):
                continue
            code = self.odd_code(what)
            items.append((app, line, what, error(code) if code else
                          already() if what == 'old' or app.state == 'applied'
                          else passed()))
        return items

    def apply_mend(self):
        """A returned one, mended; or one that was returned once."""
        items = []
        for app in self.pick({'returned'}, 1, 0.1):
            record = json.loads(app.record)
            back = [r for r in map(json.loads, app.old)
                    if r['state'] == 'returned']
            if app.state != 'returned':
                if not back:
                    continue
                record = self.rng.choice(back)
            current = app.state == 'returned' and \
                record['applied']['revision'] == app.revision
            form = dict(app.form)
            for what in self.rng.sample(('photo', 'document', 'phone', ''),
                                        self.rng.randint(1, 3)):
                if what == 'photo':
                    form['photo'] = True
                    record['photo'] = 'p.jpg'
                elif what == 'document':
                    form['document'] = 'two.pdf'
                    record['documents'] = {'identity': 'two.pdf'}
                elif what == 'phone':
                    form['phone'] = '137001370%02d' % self.rng.randrange(100)
                    record['person']['phone'] = form['phone']

            def effect(a, form=form):
                a.form = form
                a.clerk = 'wang'
                a.revision += 1
                a.answers = {}
            items.append((app, json.dumps(record, ensure_ascii=False),
                          'mended', done(
                              'mend', ('person', 'photo', 'documents',
                                       'applied', 'region', 'kind', 'v'),
                              effect, form=form) if current else
                          error('state')))
        return items

    def verify(self):
        attest = self.rng.choice((MANUAL, MANUAL, MANUAL, MANUAL, (),
                                  ('likeness',), ('bareheaded', 'face')))
        reviewer = 'wang' if self.rng.random() < 0.05 else 'li'
        chosen = self.pick({'applied', 'pending'}, self.size())
        apps = list({a.person: a for a in chosen}.values())
        decisions = {}
        for app in apps:
            if self.rng.random() < 0.25:
                decisions[app.id] = (self.rng.choice(MANUAL),
                                     self.rng.random() < 0.3)
        twice = reviewer == 'li' and self.rng.random() < 0.2
        args = ['ss-verify', '-q', '-j', self.rng.choice('123')]
        if attest:
            args += ['--attest', ','.join(attest)]
        with open('decisions', 'w', encoding='utf-8') as f:
            for key, (check, ok) in decisions.items():
                f.write(json.dumps({'id': key, 'check': check, 'ok': ok,
                                    'note': 'n'}) + '\n')
        args += ['--decisions', os.path.abspath('decisions')]

        def rule(app):
            if app.state not in ('applied', 'pending'):
                return already() if app.state == 'approved' else passed()
            if app.clerk == reviewer:
                return error('policy')
            answers = dict(app.answers)
            asked = MANUAL if app.form['photo'] else ()
            answers.update({c: True for c in attest if c in asked})
            if app.id in decisions and decisions[app.id][0] in asked:
                answers[decisions[app.id][0]] = decisions[app.id][1]
            if answers.get('likeness') is False:
                step = 'reject'
            elif False in answers.values() or not app.form['photo'] or \
                    not app.form['document']:
                step = 'return'
            elif len(answers) < len(asked):
                step = 'hold'
            else:
                step = 'approve'

            def effect(a):
                a.answers = answers
            return done(step, ('review',), effect)

        items = []
        for app in apps:
            record, what = self.shape(app, not twice)
            code = self.odd_code(what)
            expected = error(code) if code else already() if what == 'old' \
                else rule(app)
            line = 'no record' if what == 'noise' else \
                json.dumps(record, ensure_ascii=False)
            items.append((app, line, what, expected))
        if twice and items:
            item = self.rng.choice(items)
            if item[3]['outcome'] == 'done':    # a duplicate in the run
                item = item[:3] + (done('reject', ('review',)),)
            items.append(item)
        # A holder's card is no duplicate of what replaces it.
        for app in apps if not twice else ():
            for other in self.by_person[app.person]:
                if other.state == 'active' and self.rng.random() < 0.3:
                    items.insert(0, (other, other.record, None, passed()))
        self.settle('ss-verify', items, self.run(
            args, [i[1] for i in items], reviewer, 'd2'))

    LEASES = (('8 hours', 8 * 3600), ('10 minutes', 600), ('2 days', 2 * DAY))

    def claim(self):
        station = self.rng.choice(('m1', 'm2'))
        text, seconds = self.rng.choice(self.LEASES)
        prefix = self.rng.choice(('', '', '11', '2201'))
        held = self.rng.random() < 0.3
        n = self.rng.choice((1, 3, 8, 300))
        args = ['ss-claim', '-q', str(n)]
        args += ['-R', prefix] if prefix else []
        args += ['--held'] if held else ['--lease', text]
        now = instant(self.now)
        fit = [a for a in self.apps.values() if a.state == 'approved' and
               a.form['region'].startswith(prefix)]
        if held:
            fit = [a for a in fit if a.claimant == station and a.claim >= now]
            fit.sort(key=lambda a: a.id)
        else:
            fit = [a for a in fit if a.claim < now]
            fit.sort(key=lambda a: (a.claim, a.id))
        fit = sorted(fit[:n], key=lambda a: a.id)
        p = self.run(args, (), 'mei', station)
        out = p.stdout.decode().splitlines()
        self.must(p.returncode == 0, 'the status')
        if out != [a.record for a in fit]:
            self.wrong('claimed are %s, not %s' % (
                [json.loads(x)['id'] for x in out], [a.id for a in fit]))
        for app in fit if not held else ():
            app.claim = instant(self.now + seconds)
            app.claimant = station
        self.steps += max(1, len(fit))
        self.met['ss-claim ' + ('held' if held else 'done' if fit else
                                'nothing')] += 1

    def release(self):
        station = self.rng.choice(('m1', 'm2'))
        now = instant(self.now)

        def rule(app):
            if app.state != 'approved' or app.claim < now:
                return already()
            if app.claimant != station:
                return error('state')

            def after():
                app.claim = app.claimant = ''
            return dict(passed(), after=after)
        self.task(['ss-claim', '-q', '--release'],
                  self.pick({'approved'}, self.size()), rule, who='mei',
                  station=station)

    def make(self):
        """make-card: what it cannot do it says, and does not write."""
        station = self.rng.choice(('m1', 'm2'))
        how = self.rng.choice(('', '', '', '', '', 'spoil', 'stop'))
        args = [os.path.join(self.tools, 'make-card')]
        args += {'': [], 'spoil': ['--spoil'],
                 'stop': ['--stop-after', 'make']}[how]
        now = instant(self.now)
        apps = list({a.id: a for a in self.pick(
            {'approved', 'making'}, self.size())}.values())
        good = [a for a in apps if a.state == 'making' and how != 'stop' or
                a.state == 'approved' and
                (a.claim < now or a.claimant == station)]
        p = self.run(args, [a.record for a in apps], 'mei', station)
        out = [json.loads(x) for x in p.stdout.decode().splitlines()]
        self.must([x['id'] for x in out] == [a.id for a in good],
                  'made are others')
        self.must(p.returncode == (0 if len(good) == len(apps) else 1),
                  'the status')
        for app, record in zip(good, out):
            self.made(app, record, how)
        self.steps += len(apps)
        self.met['make-card %s' % (how or 'done')] += len(good)
        self.met['make-card refused'] += len(apps) - len(good)
        self.look(apps)

    def made(self, app, record, how):
        taken_over = app.state == 'making'
        if not taken_over:
            app.take('make', self.now)
        number = record.get('card', {}).get('number')
        if how == 'spoil':
            app.take('give-up', self.now)
            self.must(number is None, app.id + ': its card is spoiled')
            told = self.run(['ss-registry', 'export']).stdout
            cards = [x for x in map(json.loads, told.splitlines())
                     if x.get('table') == 'card' and x['id'] == app.id]
            for x in cards:
                self.must(self.numbers.get(x['number'], app.id) == app.id,
                          'a number given twice')
                self.numbers[x['number']] = app.id
            self.spoiled[app.id] = self.spoiled.get(app.id, 0) + 1
            self.must(len(cards) == self.spoiled[app.id],
                      app.id + ': its cards')
            app.number = ''
        else:
            self.must(number == app.number if taken_over else
                      number not in self.numbers, 'a number given twice')
            self.numbers[number] = app.id
            app.number = number
        if how == '':
            app.take('finish', self.now)
            app.made = self.now
            day = civil_day(self.now)
            app.expires = '%d%s' % (int(day[:4]) + 10, day[4:])
            if app.expires.endswith('-02-29'):
                app.expires = app.expires[:-2] + '28'
            self.must(record['card']['expires'] == app.expires,
                      app.id + ': expires')
        app.touched = self.runs
        self.adopt(app, record, done('', {'card'}))

    def collect(self):
        back = self.rng.random() < 0.2
        args = ['ss-collect', '-q'] + (['--take-back'] if back else [])
        hows = {}
        grown = citizen(0)

        def given(app):
            how = self.rng.choice(('good',) * 8 + (
                'nothing', 'other', 'expired', 'bad', 'strange', 'guardian',
                'proxy', 'employer'))
            hows[app.id] = how
            c = {'id_number': app.person, 'id_until': '2040-01-01'}
            if how == 'other':
                c['id_number'] = grown
            elif how == 'expired':
                c['id_until'] = '2020-01-01'
            elif how == 'bad':
                c['id_number'] = app.person[:-1] + (
                    '0' if app.person[-1] != '0' else '1')
            elif how == 'strange':
                c['colour'] = 'red'
            elif how == 'guardian':
                c.update(through='guardian', id_number=grown, name='张三',
                         relation='father', documents={'relation': 'one.pdf'})
            elif how in ('proxy', 'employer'):
                c.update(through=how, id_number=grown, name='张三')
            return {} if how == 'nothing' or back else {'collector': c}

        def rule(app):
            if back:
                if app.state == 'made' and app.taken_back:
                    return already()
                if not app.may('take-back', self.now):
                    return error('state')

                def gone(a):
                    a.taken_back = True
                return done('take-back', ('collection',), gone)
            if app.state in ('collected', 'active'):
                return already()
            if app.state != 'made':
                return passed() if hows[app.id] == 'nothing' else error('state')
            code = {'nothing': 'invalid', 'other': 'policy',
                    'expired': 'policy', 'bad': 'invalid',
                    'strange': 'invalid', 'proxy': 'policy',
                    'employer': 'policy'}.get(hows[app.id])
            if code:
                return error(code)

            def came(a):
                a.taken_back = False
            return done('collect', ('collection',), came)

        self.task(args, self.pick({'collected'} if back else {'made'},
                                  self.size()), rule, given)

    def activate(self):
        apps = self.pick({'collected'}, self.size())
        if not self.activator:
            self.take_step('activate', list({
                a.id: a for a in apps}.values()))
            return

        def rule(app):
            if app.state == 'active' and app.status_at(self.now) == 'normal':
                return already()
            if not app.may('activate', self.now):
                return error('state')
            old = [o for o in self.by_person[app.person]
                   if o is not app and o.status in LIVE]
            return done('activate', ('activation',),
                        pair=(old[0], 'replace') if old else None)
        self.task([os.path.join(self.tools, 'activate')], apps, rule)

    def take_step(self, step, apps):
        """A step alone; what cannot be done is not written."""
        p = self.run([os.path.join(self.tools, 'take-step'), step],
                     [a.record for a in apps], 'kou', 'k1')
        out = [json.loads(x) for x in p.stdout.decode().splitlines()]
        good = []
        for app in apps:
            if not app.may(step, self.now):
                continue
            if step == 'activate' and self.blockers(app, 'active', 'normal'):
                continue
            app.take(step, self.now)
            good.append(app)
        self.must([x['id'] for x in out] == [a.id for a in good],
                  'taken are others')
        for app, record in zip(good, out):
            self.adopt(app, record, done(step, ()))
        self.steps += len(apps)
        self.met['take-step ' + step] += len(good)
        self.look(apps)

    def pin_and_lock(self):
        step = self.rng.choice(('set-pin', 'lock', 'lock-found', 'unlock'))
        self.take_step(step, list({a.id: a for a in self.pick(
            {'active'}, self.size())}.values()))

    def loss_rule(self, kind, channel):
        so = {'temporary': {'temporarily-lost', 'lost'}, 'formal': {'lost'},
              'release': {'normal'}}[kind]
        step = {'temporary': 'lose-for-now', 'formal': 'lose',
                'release': 'release'}[kind]

        def rule(app):
            status = app.status_at(self.now)
            if app.state == 'active' and status in so:
                return already()
            if not app.may(step, self.now):
                return error('state')
            if kind == 'release' and status == 'lost' and \
                    app.rules.get('never_release'):
                return error('policy')
            if channel == 'web' and not app.rules.get('self_service'):
                return error('policy')

            def effect(a):
                a.until = self.now + a.rules['lapse'] if \
                    kind == 'temporary' and 'lapse' in a.rules else None
            return done(step, ('loss',), effect)
        return rule

    def report_loss(self):
        kind = self.rng.choice(('temporary', 'temporary', 'formal',
                                'release'))
        channel = self.rng.choice(('counter', 'phone', 'web'))
        self.task(['ss-report-loss', '-q', '--kind', kind, '--channel',
                   channel], self.pick({'active'}, self.size()),
                  self.loss_rule(kind, channel))

    def reissue_rule(self, reason, handed_in, changes):
        def refused(app):
            status = app.status_at(self.now)
            back = handed_in or app.stock in ('returned', 'destroyed')
            if reason == 'lost':
                return status != 'lost' and 'policy'
            if reason == 'damaged':
                if app.rules.get('damaged_freely') or back:
                    return None
                return 'policy' if app.rules.get('hand_in_only') or \
                    status != 'lost' else None
            if reason == 'expiring':
                due = civil_day(self.now + app.rules['renewal'] * DAY)
                return due < app.expires and 'policy'
            return app.id not in changes and 'invalid'

        def rule(app):
            if app.state != 'active':
                return error('state')
            if changes.get(app.id) == 'strange':
                return error('invalid')
            code = refused(app)
            if code:
                return error(code)
            form = dict(app.form, kind='replacement')
            if app.id in changes:
                form['phone'] = changes[app.id]
            new = App(form)
            new.clerk = 'kou'
            new.replaces = True
            return done('apply', (), new=new, pair=(app, 'hand-in') if
                        handed_in and app.stock == 'made' else None)
        return rule

    def reissue(self):
        reason = self.rng.choice(('lost', 'lost', 'damaged', 'expiring',
                                  'data-change'))
        handed_in = reason != 'lost' and self.rng.random() < 0.5
        changes = {}

        def given(app):
            wish = self.rng.random()
            if app.id not in changes and wish < (
                    0.8 if reason == 'data-change' else 0.1):
                changes[app.id] = '135001350%02d' % self.rng.randrange(4)
            if app.id not in changes:
                return {}
            if wish < 0.04:
                changes[app.id] = 'strange'
            if changes[app.id] == 'strange':
                return {'change': {'colour': 'red'}}
            return {'change': {'person': {'phone': changes[app.id]}}}

        args = ['ss-reissue', '-q', '--reason', reason]
        args += ['--handed-in'] if handed_in else []
        good = [a for a in self.recent if a.status_at(self.now) == 'lost'] \
            if reason == 'lost' else []
        apps = self.rng.sample(good, min(len(good), self.size())) + \
            self.pick({'active'}, self.size())
        self.task(args, list({a.id: a for a in apps}.values()),
                  self.reissue_rule(reason, handed_in, changes), given)

    def cancel_rule(self, reason):
        def rule(app):
            if app.state == 'cancelled':
                return already()
            if reason == 'uncollected':
                return self.uncollected(app)
            if app.state == 'rejected':
                return passed()
            if not app.may('cancel', self.now):
                return error('state')
            return done('cancel', ('cancellation',))
        return rule

    def uncollected(self, app):
        if app.state != 'made':
            return passed()
        if app.sealed:
            return already()
        if 'uncollected' not in app.rules or \
                app.made + app.rules['uncollected'] > self.now:
            return error('policy')
        if not app.rules.get('seal'):
            return done('cancel', ('cancellation',))

        def effect(a):
            a.sealed = True
        return done('seal', ('cancellation',), effect)

    def cancel(self):
        reason = self.rng.choice(('death', 'emigration', 'withdrawn', 'error',
                                  'uncollected', 'uncollected'))
        apps = self.pick({'made'} if reason == 'uncollected' else
                         OPEN | {'active'}, min(4, self.size()))
        self.task(['ss-cancel', '-q', '--reason', reason], apps,
                  self.cancel_rule(reason), who='zhou', station='k2')

    def overdue(self):
        prefix = self.rng.choice(('', '11', '22'))
        args = ['ss-cancel', '-q', '--reason', 'uncollected', '--overdue']
        args += ['-R', prefix] if prefix else []
        rule = self.cancel_rule('uncollected')
        items = [(a, a.record, None, rule(a))
                 for a in sorted(self.apps.values(), key=lambda a: a.id)
                 if a.state == 'made' and a.form['region'].startswith(prefix)]
        if prefix:      # its policy holds: the province's
            self.steps += 1
            p = self.run(args + ['-n'], (), 'zhou', 'k2')
            self.must(p.returncode in (0, 1), 'the status')
            return
        items = [i for i in items if i[3]['outcome'] == 'done']
        self.settle('ss-cancel --overdue', items, self.run(args, (), 'zhou',
                                                           'k2'))
        self.steps += not items

    def plastic(self):
        destroyed = self.rng.random() < 0.4

        def rule(app):
            if app.stock == 'destroyed' or (app.stock == 'returned' and
                                            not destroyed):
                return already()
            step = 'destroy' if destroyed else 'hand-in'
            if not app.may(step, self.now):
                return error('state')
            return done(step, ())
        self.task(['ss-cancel', '-q', '--destroyed' if destroyed else
                   '--handed-in'], self.pick({'cancelled', 'active'},
                                             self.size()), rule, who='zhou')

    def named(self):
        """A card by its number, or by the person: live, or in the open."""
        kind = self.rng.choice(('temporary', 'formal', 'release'))
        app = (self.pick({'active', 'cancelled'}, 1, 0.1) or [None])[0]
        if app is None:
            return
        args = ['ss-report-loss', '-q', '--kind', kind]
        if self.rng.random() < 0.5:
            if not app.number:
                return
            args += ['--card', app.number]
            found = app
        else:
            args += ['--person', app.person]
            found = ([o for o in self.by_person[app.person]
                      if o.status in LIVE] +
                     [o for o in self.by_person[app.person]
                      if o.state in OPEN] + [None])[0]
        rule = self.loss_rule(kind, 'counter')
        if found is None:
            p = self.run(args, (), 'kou', 'k1')
            self.must(p.returncode == 1 and not p.stdout, 'it is not there')
            self.steps += 1
            self.met['--person missing'] += 1
            return
        expected = rule(found)
        self.settle('ss-report-loss ' + args[4], [(
            found, found.record, None, expected)], self.run(
                args, (), 'kou', 'k1'))

    def notify(self):
        again = self.rng.random() < 0.2

        def rule(app):
            if app.state not in ('returned', 'rejected', 'made'):
                return passed()
            what = (app.state, app.revision, app.number)
            if app.told == what and not again:
                return already()

            def effect(a):
                a.told = what
            return done('notify', ('notice',), effect)
        self.task(['ss-notify', '-q'] + (['--again'] if again else []),
                  self.pick({'returned', 'made'}, self.size()), rule)

    # The whole.

    def pass_time(self):
        """Mostly a while, sometimes to an instant at which something ends."""
        ends = [a.until for a in self.recent if a.until] + \
            [a.made + a.rules['uncollected'] for a in self.recent
             if a.made and 'uncollected' in a.rules] + \
            [int(time.mktime(time.strptime(a.claim, '%Y-%m-%dT%H:%M:%SZ')))
             for a in self.recent if a.claim]
        ends = [e for e in ends if self.now < e < self.now + 2 * DAY]
        if ends and self.rng.random() < 0.2:
            self.now = max(self.now, self.rng.choice(ends) +
                           self.rng.choice((-1, 0, 0, 1)))
        else:
            self.now += self.rng.choice((0, 1, 60, 600, 3600, 3600, 8000,
                                         20000, 40000))

    def go(self, steps):
        commands = [c for c, _ in self.commands]
        weights = [w for _, w in self.commands]
        checked = seen = 0
        self.apply()
        while self.steps < steps:
            self.pass_time()
            self.rng.choices(commands, weights)[0]()
            if self.steps - checked >= 250:
                checked = self.steps
                self.audit()
            if self.steps - seen >= max(500, steps // 10):
                seen = self.steps
                self.whole()
        self.whole()


def make_data():
    """The data as they are, but for some rules."""
    source = os.environ['SSCARD_DATA']
    shutil.rmtree('data.d', ignore_errors=True)
    shutil.copytree(source, 'data.d')
    shutil.rmtree('data.d/policies')
    os.mkdir('data.d/policies')
    with open(source + '/policies/00.json', encoding='utf-8') as f:
        nation = json.load(f)
    nation['review']['reject'] = ['duplicate', 'likeness']
    nation['card']['number'] = {'prefix': 'T', 'from': '0000000',
                                'to': '9999999'}
    for name, policy in dict(POLICIES, **{'00': nation}).items():
        with open('data.d/policies/%s.json' % name, 'w',
                  encoding='utf-8') as f:
            json.dump(policy, f, ensure_ascii=False)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--seed', type=int)
    parser.add_argument('--steps', type=int, default=1000)
    parser.add_argument('--log')
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else \
        random.SystemRandom().randrange(1 << 31)
    print('# seed %d' % seed, flush=True)
    os.environ['TZ'] = 'UTC'
    time.tzset()
    make_data()
    begun = time.monotonic()
    log = open(given.log, 'w', encoding='utf-8') if given.log else None
    model = Model(random.Random(seed), log)
    try:
        model.go(given.steps)
    except Mismatch as e:
        print('# seed %d\n%s' % (seed, e))
        return 1
    finally:
        if log:
            log.close()
    print('# %d steps, %d runs, %d applications, %d cards, %.1f s' % (
        model.steps, model.runs, len(model.apps), len(model.numbers),
        time.monotonic() - begun))
    for what, n in sorted(model.met.items()):
        print('%s %d' % (what, n))
    return 0


sys.exit(main())
