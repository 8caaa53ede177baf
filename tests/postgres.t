#!/bin/sh
# The register in PostgreSQL: what is special to it. What every register does
# is tested elsewhere.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/postgres.sh
. "$SS_TOP/tests/postgres.sh"
if ! pg_there; then
	skip 'the register in PostgreSQL' 'PostgreSQL is not installed'
	done_testing
fi
export SSCARD_OPERATOR=wang SSCARD_STATION=d1
pg_init
export SSCARD_REGISTRY="$PG_URL"

if [ -n "${SS_SLOW:-}" ]; then
	many=600 rounds=1 crowd_forms=40
else
	many=8000 rounds=4 crowd_forms=400
fi

ids() { # FILE...: of the records that did not fail
	jq -r 'select(.error | not) | .id' "$@" | sort
}
held() { # how many applications, persons among them, and events
	pg_sql 'select (select count(*) from application),
	    (select count(distinct person) from application),
	    (select count(*) from event)' | tr '|' ' '
}
stopped() { # TEXT PATTERN COMMAND...
	_text=$1
	_pattern=$2
	shift 2
	status "$_text" 3 "$@"
	like 'which is said' "$(cat "$W/err")" "$_pattern"
}
refused() { # STATUS TEXT PATTERN URL: and nothing of the password is said
	status "$2" "$1" ss-apply -g "$4" one
	like 'which is said' "$(cat "$W/err")" "$3"
	is 'without the password' "$(cat "$W/out" "$W/err" | grep -cE \
	    'se.?cret|cret@|user:')" 0
}

# Names that lead nowhere.
forms_of 1 >one
refused 3 'no server' 'socket "/nowhere/.s.PGSQL.5432" failed: No such file' \
    'postgresql://user:secret@/sscard?host=%2Fnowhere'
refused 3 'a server that refuses' '"127.0.0.1", port 1 failed: Connection ref' \
    'postgresql://user:secret@127.0.0.1:1/sscard'
refused 3 'none of several' 'port 1 failed: .*; .*port 2 failed: ' \
    'postgres://user:secret@127.0.0.1:1,127.0.0.1:2/sscard'
refused 3 'no such database' 'database "none" does not exist' \
    "$(pg_url none)&password=secret"
refused 3 'no such user' 'role "nobody" does not exist' \
    "$PG_URL&password=secret&user=nobody"
for url in 'postgresql:sscard' 'postgresql://user:se@cret@h/sscard' \
    'postgresql://user:se/cret@h/sscard' 'postgresql://user:secret' \
    'postgresql://user:se%zzcret@h/sscard' \
    'postgresql://user:secret@[::1/sscard' \
    'postgresql://user:secret@h/sscard?nonsense=1'; do
	refused 2 "no URL: $url" "the register's name is no URL as Postgre" "$url"
done

# The library is there only where such a register is used.
cat >nolib.c <<'END'
#include <stddef.h>
void *dlopen(const char *name, int how);
void *dlopen(const char *name, int how) { return name + how == NULL ? "" : NULL; }
END
gcc -shared -fPIC -o nolib.so nolib.c
# shellcheck disable=SC2317 # reached by status and ok
without() { # COMMAND...
	env LD_PRELOAD="$W/nolib.so" ASAN_OPTIONS=verify_asan_link_order=0 "$@"
}
stopped 'without libpq' 'needs libpq.so.5, which is not there; install libpq5' \
    without ss-apply one
ok 'other registers do not need it' \
    without ss-apply -g "sqlite:$W/without.db" one

# Made at first use, once.
stopped 'a register that is only looked at' \
    'database sscard: no register there' ss-registry list
is 'is not made' "$(pg_sql '\d')" ''
forms_of $crowd_forms >forms
pids=''
for i in 1 2 3 4 5 6 7 8; do
	ss-apply --station "s$i" forms >"crowd$i" 2>"crowd$i.err" &
	pids="$pids $!"
done
bad=''
for p in $pids; do
	wait "$p" || bad="$bad $?"
done
is '8 at once: none fails' "$bad" ''
is 'one makes the register' "$(cat crowd?.err | grep made)" \
    "ss-apply: made the register $PG_URL"
is 'each person is there once' "$(held)" \
    "$crowd_forms $crowd_forms $crowd_forms"
is 'all agree in the ids' "$(jq -r 'select(.error | not) |
    .id + .person.id_number' crowd? | sort -u | wc -l)" "$crowd_forms"
is 'each is new to one' "$(cat crowd? | jq -c 'select(.already | not)' |
    wc -l)" "$crowd_forms"
audit 'after the crowd'
is 'the version is kept' "$(pg_sql 'select count(*) from sscard_schema')" 1

# Registers that are none of ours.
pg_sql 'update sscard_schema set version = 99'
for c in 'ss-apply one' 'ss-verify one' 'ss-registry list'; do
	# shellcheck disable=SC2086 # a command with its operand
	stopped "$c: a newer one" 'database sscard: of schema 99, made by a newer' \
	    $c
done
pg_sql 'update sscard_schema set version = 1'
stopped 'an older one' 'of schema 1, which this sscard does not renew' \
    ss-apply one
pg_sql 'delete from sscard_schema'
stopped 'none at all' 'of schema 0, ' ss-apply one
pg_fresh
pg_sql 'create table application (a int); insert into application values (7)'
stopped "another's table" 'database sscard: no register of sscard, but tables' \
    ss-apply one
is 'is left as it was' "$(pg_sql '\d' | wc -l)$(pg_sql 'table application')" 17
pg_fresh
pg_sql 'create table other (a int)'
ok 'beside tables of other names' ss-apply one
pg_sql "create role reader login"
stopped 'one who may not read it' 'permission denied for table ' \
    ss-apply -g "$PG_URL&user=reader" one
pg_fresh readers
stopped 'one who may make no tables' 'permission denied for schema public' \
    ss-apply -g "$(pg_url readers)&user=reader" one

# Bytes, and nothing that a dictionary would do.
pg_fresh
forms_of 5 | jq -c --argjson n '["b", "B", "a-1", "c", "a1"]' \
    '.id = $n[input_line_number - 1]' >five
ok 'ids of all sorts' ss-apply -q five
is 'in the order of their bytes' "$(ss-registry list | jq -r .id | xargs)" \
    'B a-1 a1 b c'
is 'where the server has another' "$(pg_sql "select string_agg(id, ' ' order
    by id collate \"default\") from application")" 'a-1 a1 b B c'
forms_of 1 50 | jq -c '.person.name = "O'\''Brien \\ $1 %s \"x\" 𠮷"' >odd
ok 'what needs quoting elsewhere' ss-apply -q odd
is 'is kept' "$(ss-registry show "$(jq -r .id "$W/out")" |
    jq -r .person.name)" "O'Brien \\ \$1 %s \"x\" 𠮷"
is 'no notice goes out' "$(PGOPTIONS='-c client_min_messages=debug5' \
    ss-registry list 2>&1 >/dev/null)" ''

# Out and in again, to the other kind and back.
ok 'out' ss-registry export
cp "$W/out" one.export
ok 'into SQLite' ss-registry -g "sqlite:$W/there.db" import one.export
ss-registry -g "sqlite:$W/there.db" export >two.export
ok 'is the same' cmp one.export two.export
pg_fresh
ok 'and back' ss-registry import two.export
ss-registry export >three.export
ok 'is the same' cmp one.export three.export
audit 'after that'

# Against a checkpoint: set back, and rewritten by whoever may write to it.
echo test-passphrase >pass
ok "a manager's key" ss-key -q operator new zhang -o "file:$W/zhang.key" \
    --role manager -R 00 --operator-fd 3 3<pass
ss-registry export >older.export
forms_of 3 70 | jq -c '.id = "Z\(input_line_number)"' >three
ok 'it goes on' ss-apply -q three
ok 'a checkpoint' ss-registry -o "file:$W/zhang.key" --operator-fd 3 \
    audit --checkpoint its.checkpoint 3<pass
ok 'all of it is there' ss-registry audit --against its.checkpoint
ss-registry export >its.export
ss-registry -q -g "sqlite:$W/forged.db" import its.export
python3 "$SS_TOP/tests/forge.py" forged.db event Z1 1 operator zhao
ss-registry -g "sqlite:$W/forged.db" export >forged.export
set_back() { # TEXT EXPORT PATTERN
	pg_fresh
	ss-registry -q import "$2"
	audit "$1"
	status 'but not against the checkpoint' 1 \
	    ss-registry audit --against its.checkpoint
	like 'which says what' "$(jq -r '.subject + ": " + .fault' out)" "$3"
}
set_back 'an older one' older.export \
    '^d1: 6 events, and 9 by the checkpoint of '
set_back 'a forged one' forged.export '^: the root over the chains as of '
pg_fresh
ss-registry -q import its.export
ok 'what it was is' ss-registry audit --against its.checkpoint

# Connections that are ended while it works.
forms_of $many >forms
check() { # TEXT STATUS: of a run with its output in printed
	is "$1: goes on to the end" "$2" 0
	is 'each person is there once' "$(held)" "$many $many $many"
	pg_sql 'select id from application order by id' >there
	is 'what was printed is there' "$(ids printed | comm -3 - there)" ''
	is 'as new' "$(jq -c .already printed | sort -u)" null
	audit "$1"
}
until_printed() { # COUNT: until so many lines are out, or for a minute
	_end=$(($(date +%s) + 60))
	until [ "$(wc -l <printed)" -ge "$1" ] || [ "$(date +%s)" -gt $_end ]
	do
		:
	done
}
begin_run() { # $pid, with the first lines out
	: >printed
	ss-apply -q forms >printed 2>err &
	pid=$!
	until_printed 1
}
count=0
for i in $(seq $rounds); do
	pg_fresh
	begin_run
	last=0
	while kill -0 $pid 2>/dev/null; do
		lines=$(wc -l <printed)
		# Not before it got any further.
		[ "$lines" = "$last" ] || killed=$(pg_kill)
		count=$((count + ${killed:-0}))
		killed=0
		last=$lines
	done
	wait $pid
	check "connections ended, round $i" "$?$(cat err)"
done
ok "$count connections were" test $count -ge $rounds

# The server goes down as by a power cut, and comes back.
for i in $(seq $rounds); do
	pg_fresh
	begin_run
	until_printed $((many * i / (rounds + 2)))
	pg_stop immediate
	[ "$(wc -l <printed)" -lt $many ] || echo '# it had ended before'
	pg_start
	wait $pid
	check "a server that comes back, round $i" "$?$(cat err)"
done

# It stays away: the minute of waiting goes by at once.
pg_fresh
: >printed
{
	sed -u "$((many / 4))q" forms
	until_printed 1
	pg_stop fast
	sed 1,$((many / 4))d forms
} | faketime -f '+0 x500' ss-apply >printed 2>err
is 'a server that stays away: what was read is out' \
    "$(jq -r '.error.code // .state' printed | sort -u | xargs)" \
    'applied registry'
# In what words depends on how far the server has gone by then.
like 'the end is said' "$(cat err)" 'registry: the register: [a-zA-Z]'
pg_start
pg_sql 'select id from application order by id' >there
is 'what was printed is there' "$(ids printed | comm -3 - there)" ''
status 'again' 0 ss-apply -q forms
is 'each person is there once' "$(held)" "$many $many $many"

# The word that a commit was done gets lost: before the server has it, behind
# that, or while the server still is at it.
cat >cut.py <<'END'
import os, select, socket, sys, threading
target, how = sys.argv[1:]
path = os.path.join(os.path.dirname(target), how, ".s.PGSQL.5432")
held = []		# one COMMIT that is kept back
cuts = 0

def serve(client, number):
    global cuts
    server = socket.socket(socket.AF_UNIX)
    server.connect(target)
    while True:
        ready = select.select([client, server], [], [], 0.3)[0]
        # Nothing moves: the new connection waits for the old one.
        if not ready and held and number > held[0][1]:
            held[0][0].sendall(held[0][2])
            held.clear()
        if server in ready:
            data = server.recv(65536)
            if not data:
                break
            client.sendall(data)
        if client in ready:
            data = client.recv(65536)
            if not data:
                break
            if data.endswith(b"COMMIT\0") and cuts < 1:
                cuts += 1
                if how == "behind":
                    server.sendall(data)
                    server.recv(65536)
                elif how == "meanwhile":
                    held.append((server, number, data))
                client.close()
                if how == "before":
                    server.close()
                print("cut", flush=True)
                return
            server.sendall(data)
    client.close()
    server.close()

listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
listener.listen()
print("there", flush=True)
number = 0
while True:
    client = listener.accept()[0]
    number += 1
    threading.Thread(target=serve, args=(client, number),
        daemon=True).start()
END
forms_of 300 >forms
many=300
cut_off() { # HOW COMMAND...: through the one that cuts
	_how=$1
	shift
	rm -rf "${PG:?}/$_how" said
	mkdir "$PG/$_how"
	mkfifo said
	python3 cut.py "$PG/.s.PGSQL.5432" "$_how" >said &
	proxy=$!
	exec 3<said
	read -r _ <&3
	"$@" -q -g "postgresql:///sscard?host=$(echo "$PG/$_how" |
	    sed 's,/,%2F,g')&user=postgres" >printed 2>err
	ended=$?
	read -r line <&3
	is "$1, a commit cut off $_how" "$line" cut
	exec 3<&-
	kill $proxy
	wait $proxy 2>/dev/null
}
for how in before behind meanwhile; do
	pg_fresh
	ss-apply -q </dev/null
	cut_off $how ss-apply forms
	check "a commit cut off $how" "$ended$(cat err)"
	take-step approve <printed >approved
	cut_off $how ss-claim 300
	ss-claim -q --held 1000 >held
	ids printed >claimed
	is 'claimed: what is held was printed, each once' \
	    "$ended $(($(uniq <claimed | wc -l))) $(ids held |
	    comm -3 - claimed)" '0 300 '
	head -n 1 held >one
	cut_off $how ss-claim --release one
	is 'released: and not said to have been so before' "$ended $(jq -r \
	    .already printed)" '0 null'
done

# A password is asked for, and kept where others do not see it.
pg_sql "alter role reader password 'secret'"
pg_sql "grant all on all tables in schema public to reader"
sed -i 's/^local.*trust/local all reader scram-sha-256\n&/' \
    "$PG/data/pg_hba.conf"
pg_sql 'select pg_reload_conf()' >/dev/null
stopped 'without its password' 'no password supplied' \
    ss-registry -g "$PG_URL&user=reader" list
stopped 'with another one' 'password authentication failed for user "reader"' \
    ss-registry -g "$PG_URL&user=reader&password=wrong" list
ok 'with the one of the URL' ss-registry \
    -g "$PG_URL&user=reader&password=secret" list
echo '*:*:sscard:reader:secret' >.pgpass
chmod 600 .pgpass
ok 'with that of ~/.pgpass' ss-registry -g "$PG_URL&user=reader" list
echo '{"id":"nope","state":"applied"}' >nope
status 'a message with the name' 1 ss-verify -q -o li \
    -g "$PG_URL&user=reader&password=secret" nope
is 'has no password' "$(grep -c secret "$W/out" "$W/err" | xargs)" \
    "$W/out:0 $W/err:0"
done_testing
