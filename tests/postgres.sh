# A PostgreSQL server of this test file's own, to be sourced after lib.sh. It
# listens to a socket in its own folder, has nothing to do with any other
# server here, and ends with the test. Text is sorted as in a dictionary there,
# so that what relies on the order of bytes must say so.
#
#   pg_there            whether PostgreSQL is installed
#   pg_init             makes the server's folder $PG, starts it, sets $PG_URL
#   pg_start            starts it, and waits until it answers
#   pg_stop MODE        ends it: fast, or immediate as by a power cut
#   pg_fresh [NAME]     an empty database in place of the one of this name
#   pg_url NAME         the URL of another database
#   pg_sql TEXT [NAME]  runs statements, prints what they give
#   pg_kill             ends all connections to the database

# shellcheck shell=sh
# shellcheck disable=SC2317,SC2034 # reached and used by those who source it
unset PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGPASSFILE \
	PGSERVICE PGSERVICEFILE PGOPTIONS PGAPPNAME PGSSLMODE \
	PGCONNECT_TIMEOUT PGTARGETSESSIONATTRS PGCLIENTENCODING
PG=''
PG_URL=''
PG_BIN=$(find /usr/lib/postgresql/*/bin -name initdb 2>/dev/null |
    sort -V | tail -n 1)
PG_BIN=${PG_BIN%/initdb}

pg_there() {
	[ -n "$PG_BIN" ]
}

# A server refuses to be root's.
_pg_as() { # COMMAND...
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid=postgres --regid=postgres --init-groups \
		    --reset-env -- "$@"
	else
		"$@"
	fi
}

_pg_end() {
	[ -n "$PG" ] || return 0
	[ ! -e "$PG/data/postmaster.pid" ] || pg_stop immediate >/dev/null
	rm -rf "$PG"
	$_pg_then
}

# Not in $W, which is for its owner alone, nor under a path that is too long
# for a socket.
pg_init() {
	[ -z "$PG" ] || { pg_fresh sscard; return; }
	PG=$(mktemp -d /tmp/sscard-pg.XXXXXX) || exit 1
	_pg_then=$at_end
	at_end=_pg_end
	# One who reads no more must not leave a server behind.
	trap 'exit 130' PIPE
	chmod 750 "$PG"
	[ "$(id -u)" != 0 ] || chown postgres "$PG"
	PG_URL=$(pg_url sscard)
	(cd / && _pg_as "$PG_BIN/initdb" -D "$PG/data" -U postgres -A trust \
	    -E UTF8 --locale=C.UTF-8 --locale-provider=icu --icu-locale=zh \
	    -N) >pg-init.log 2>&1 || {
		sed 's/^/# /' pg-init.log
		exit 1
	}
	pg_start || exit 1
	pg_fresh sscard
}

pg_start() {
	(cd / && _pg_as "$PG_BIN/pg_ctl" -D "$PG/data" -l "$PG/log" -s -w \
	    -o "-c listen_addresses='' -k $PG" start) || {
		sed 's/^/# /' "$PG/log"
		return 1
	}
}

pg_stop() { # MODE
	(cd / && _pg_as "$PG_BIN/pg_ctl" -D "$PG/data" -s -w -m "$1" stop)
}

pg_url() { # NAME
	echo "postgresql:///$1?host=$(echo "$PG" | sed 's,/,%2F,g')&user=postgres"
}

pg_sql() { # TEXT [NAME]
	"$PG_BIN/psql" -X -A -t -q -v ON_ERROR_STOP=1 \
	    -d "$(pg_url "${2:-sscard}")" -c "$1"
}

pg_fresh() { # [NAME]
	pg_sql "drop database if exists \"${1:-sscard}\" with (force)" \
	    template1 2>/dev/null
	pg_sql "create database \"${1:-sscard}\"" template1
}

pg_kill() { # prints how many
	pg_sql "select count(pg_terminate_backend(pid)) from pg_stat_activity
	    where datname = 'sscard' and pid <> pg_backend_pid()"
}
