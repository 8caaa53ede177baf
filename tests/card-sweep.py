#!/usr/bin/env python3
"""usage: card-sweep.py [--seed N --cases N] [--jobs N] WORK GENERATION...

Disturbs a work with a card (encode, activate, setpin, reset, unblock, lock,
unlock) at every command that goes to the card: the process is killed, the card
leaves before or behind the command, never answers it, or an EF is written by
half. Then the work is done again, and card, register and record must be as
they are without the trouble: the same number, no card spoiled, all tries left.
Prints what went wrong and how many cases there were; the status is 1 when
anything did.

The environment is that of the shell tests (lib.sh). Without --cases every case
is tried, else so many of them, chosen by --seed.
"""
import argparse
import concurrent.futures
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

PASSPHRASE = 'a passphrase of the tests\n'
PASSING = ('apdus', 'ms', 'time', 'changed', 'locked')

# A work: what the application has been through before, the command, and PINs.
WORKS = {
    'encode': ((), ['ss-encode', '-q'], None),
    'activate': (('encode', 'collect'),
                 ['ss-activate', '-q', '--attest', 'identity'], None),
    'setpin': (('encode', 'collect', 'activate'), ['ss-setpin', '-q'],
               '123456\n284617\n'),
    'reset': (('encode', 'collect', 'activate'),
              ['ss-setpin', '-q', '--reset', '--attest', 'identity'],
              '284617\n'),
    'unblock': (('encode', 'collect', 'activate'),
                ['ss-setpin', '-q', '--unblock', '--attest', 'identity'],
                None),
    'lock': (('encode', 'collect', 'activate'),
             ['ss-report-loss', '-q', '--lock'], None),
    'unlock': (('encode', 'collect', 'activate', 'lock'),
               ['ss-report-loss', '-q', '--unlock', '--attest', 'identity'],
               None),
}
# The longer one goes on in the item behind its first.
NAMES = ('买买提江·阿卜杜热合曼', '买买提江·阿卜杜热合曼·吐尔逊江·买买提')
QUICK_S = 20                            # far more than any run takes


def give(command, option, text):
    """A secret, by a descriptor that the command inherits."""
    pipe = os.pipe()
    os.write(pipe[1], text.encode())
    os.close(pipe[1])
    command += [option, str(pipe[0])]
    return pipe[0]


def run(args, cwd, stdin=None, secret=False, pins=None, env=None):
    """A command's status, output and what it said."""
    command, fds = list(args), []
    if secret:
        fds.append(give(command, '--passphrase-fd', PASSPHRASE))
    if pins:
        fds.append(give(command, '--pin-fd', pins))
    p = subprocess.Popen(command, cwd=cwd, env=env, pass_fds=fds,
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True,
                         start_new_session=True)
    for fd in fds:
        os.close(fd)
    return p, stdin


def finish(started):
    p, stdin = started
    out, err = p.communicate(stdin, timeout=QUICK_S)
    return p.returncode, out, err


def plain(value):
    """A record without what differs from one time to the next."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k not in PASSING}
    return [plain(v) for v in value] if isinstance(value, list) else value


class Base:
    """An application that has come to a work, and its card."""

    def __init__(self, folder, generation, work):
        self.dir, self.generation, self.work = folder, generation, work
        os.makedirs(folder)
        data = os.path.join(folder, 'data')
        shutil.copytree(os.environ['SSCARD_DATA'], data)
        nation = os.path.join(data, 'policies', '00.json')
        with open(nation, encoding='utf-8') as f:
            policy = json.load(f)
        policy['card']['generation'] = generation
        if generation == 1:
            policy['card']['name_extension_bytes'] = 0
        with open(nation, 'w', encoding='utf-8') as f:
            json.dump(policy, f, ensure_ascii=False)
        self.env = dict(os.environ, SSCARD_DATA=data, SSCARD_STATION='m1',
                        SSCARD_OPERATOR='zhou', TZ='UTC',
                        SSCARD_FILES=os.path.join(folder, 'files'))
        self.env.pop('SSCARD_REGION', None)
        self.day = today()
        self.prepare()

    def do(self, args, cwd, **more):
        env = dict(self.env, SSCARD_REGISTRY='sqlite:' +
                   os.path.join(cwd, 'registry.db'))
        return run(args, cwd, env=env, **more)

    def must(self, args, cwd, **more):
        status, out, err = finish(self.do(args, cwd, **more))
        if status != 0:
            sys.exit('card-sweep: %s: status %d: %s%s' %
                     (' '.join(args), status, err, out[-600:]))
        return out

    def prepare(self):
        d = self.dir
        with open(os.path.join(d, 'p.jpg'), 'wb') as f:
            f.write(subprocess.check_output(['make-photo']))
        with open(os.path.join(d, 'one.pdf'), 'w') as f:
            f.write('one')
        form = {'id': 'a1', 'region': '110101', 'photo': 'p.jpg',
                'documents': {'identity': 'one.pdf'},
                'person': {
                    'name': NAMES[self.generation > 1],
                    'id_until': '长期',
                    'id_number': '110101198003071239',
                    'phone': '13800138000', 'address': '东城区1号'}}
        out = self.must(['ss-apply', '-q', '-o', 'wang'], d,
                        stdin=json.dumps(form) + '\n')
        self.record = self.must(
            ['ss-verify', '-q', '-o', 'li', '--attest',
             'likeness,bareheaded,face'], d, stdin=out)
        self.must(['ss-key', 'test', '110100', '--work', '10', '--keys',
                   'file:keys'], d, secret=True)
        self.must(['ss-softcard', 'new', 'card', '--profile',
                   'gen%d' % self.generation, '--region', '110101',
                   '--serial', '77'], d)
        for step in WORKS[self.work][0]:
            if step == 'collect':
                record = json.loads(self.record)
                record['collector'] = {
                    'id_number': '110101198003071239', 'id_until': '长期'}
                self.record = self.must(['ss-collect', '-q'], d,
                                        stdin=json.dumps(record) + '\n')
                continue
            status, self.record, err = finish(self.start(d, step))
            if status != 0:
                sys.exit('card-sweep: %s: %s%s' % (step, err, self.record))

    def start(self, cwd, work, *more):
        _, args, pins = WORKS[work]
        return self.do(args + ['--keys', 'file:' + os.path.join(
            self.dir, 'keys'), '--reader', 'soft:card'] + list(more) + ['-'],
            cwd, stdin=self.record, secret=True, pins=pins)

    def again(self, cwd, *more):
        return self.start(cwd, self.work, *more)

    def copy(self, cwd):
        os.makedirs(cwd)
        shutil.copytree(os.path.join(self.dir, 'card'),
                        os.path.join(cwd, 'card'))
        for name in os.listdir(self.dir):
            if name.startswith('registry.db'):
                shutil.copy(os.path.join(self.dir, name), cwd)

    def facts(self, cwd):
        """What must be the same in the end."""
        record = plain(json.loads(
            self.must(['ss-registry', 'show', 'a1'], cwd)))
        card = json.loads(self.must(['ss-softcard', 'show', 'card'], cwd))
        self.must(['ss-registry', 'audit'], cwd)
        rows = [json.loads(line) for line in
                self.must(['ss-registry', 'export'], cwd).splitlines()]
        cards = [(r['number'], r['stock']) for r in rows
                 if r.get('table') == 'card']
        return {'record': record, 'card': card, 'cards': cards}


def measure(base):
    """The undisturbed run: facts, commands, and which of them write."""
    cwd = os.path.join(base.dir, 'plain')
    base.copy(cwd)
    status, out, err = finish(base.again(cwd, '--trace', 'trace'))
    if status != 0:
        sys.exit('card-sweep: the undisturbed run: %s%s' % (err, out))
    with open(os.path.join(cwd, 'trace'), encoding='utf-8') as f:
        sent = [json.loads(line)['c'] for line in f if '"c"' in line]
    writes = [c for c in sent if c[2:4] in ('D6', 'DC', 'd6', 'dc')]
    return base.facts(cwd), len(sent), len(writes)


def wait_fired(cwd, p):
    """Until the card has done what the hook says, or the run ends."""
    path = os.path.join(cwd, 'card', 'card.json')
    end = time.monotonic() + QUICK_S
    while p.poll() is None and time.monotonic() < end:
        try:
            with open(path, encoding='utf-8') as f:
                if not json.load(f).get('hooks'):
                    return
        except ValueError:
            pass
        time.sleep(0.001)


def disturb(base, cwd, kind, k):
    """One fault; what the first run was found to have done wrong."""
    hook = {'kill': 'mute'}.get(kind, kind)
    base.must(['ss-softcard', 'hook', 'card', '--' + hook, str(k)], cwd)
    started = base.again(cwd, '--timeout', '1' if kind == 'mute' else '60')
    if kind == 'kill':
        started[0].stdin.write(base.record)
        started[0].stdin.close()
        started[0].stdin = None
        wait_fired(cwd, started[0])
        os.killpg(started[0].pid, signal.SIGKILL)
        started[0].wait()
        return None
    status, out, err = finish(started)
    wanted = 3 if kind == 'mute' else 1
    record = json.loads(out) if out.count('\n') == 1 else None
    if status != wanted or record is None:
        return 'status %d, %d lines: %s' % (status, out.count('\n'), err)
    if record.get('error', {}).get('code') != 'reader':
        return 'no error "reader": %s' % record.get('error')
    return None


def today():
    """The civil day in China."""
    return int((time.time() + 8 * 3600) // 86400)


def case(base, wanted, kind, k):
    day = today()
    wrong = attempt(base, wanted, kind, k)
    # A card of the next day is another one than that of the plain run.
    return None if today() != base.day or today() != day else wrong


def attempt(base, wanted, kind, k):
    cwd = os.path.join(base.dir, '%s-%d' % (kind, k))
    base.copy(cwd)
    try:
        wrong = disturb(base, cwd, kind, k)
        if wrong is None:
            tries = json.loads(base.must(['ss-softcard', 'show', 'card'],
                                         cwd))['pin']['tries']
            if tries < 2:
                wrong = '%d tries of the PIN were left' % tries
            status, out, err = finish(base.again(cwd))
            if status != 0:
                wrong = 'the next run: status %d: %s' % (status, err)
        if wrong is None:
            facts = base.facts(cwd)
            for name in wanted:
                if facts[name] != wanted[name]:
                    wrong = '%s differs: %s' % (name, json.dumps(
                        facts[name], ensure_ascii=False)[:600])
                    break
    except (subprocess.TimeoutExpired, ValueError, SystemExit) as e:
        wrong = str(e)
    if wrong is None:
        shutil.rmtree(cwd)
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--cases', type=int, default=0)
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('work', choices=sorted(WORKS))
    parser.add_argument('generation', type=int, nargs='+')
    args = parser.parse_args()
    bad = total = 0
    for generation in args.generation:
        base = Base(os.path.join(os.getcwd(), 'sweep-%s-%d' % (
            args.work, generation)), generation, args.work)
        wanted, commands, writes = measure(base)
        cases = [(kind, k) for kind in ('kill', 'leave', 'leave-before',
                                        'mute')
                 for k in range(1, commands + 1)]
        cases += [('tear', k) for k in range(1, writes + 1)]
        if args.cases:
            cases = random.Random(args.seed + generation).sample(
                cases, min(args.cases, len(cases)))
        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            wrongs = list(pool.map(lambda c: case(base, wanted, *c), cases))
        for (kind, k), wrong in zip(cases, wrongs):
            if wrong is not None:
                bad += 1
                print('%s, generation %d, %s at %d: %s' %
                      (args.work, generation, kind, k, wrong))
        total += len(cases)
        print('%s, generation %d: %d commands, %d writes, %d cases' %
              (args.work, generation, commands, writes, len(cases)))
    print('%d cases, %d wrong' % (total, bad))
    return bad > 0


sys.exit(main())
