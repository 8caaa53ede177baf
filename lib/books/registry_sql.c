#include <string.h>

#include "books/registry_sql.h"

#define OPEN "('applied', 'pending', 'approved', 'returned', 'making', " \
    "'made', 'collected')"
#define LIVE "('normal', 'lost', 'locked', 'temporarily-lost')"
#define EVENT "id, number, step, state, status, time, operator, station, " \
    "station_number, record_sm3, prev, digest"

static const char application[] =
    "CREATE TABLE application (id TEXT PRIMARY KEY, person TEXT NOT NULL,"
    " region TEXT NOT NULL, kind TEXT NOT NULL DEFAULT 'new',"
    " state TEXT NOT NULL CHECK (state IN ('applied', 'pending', 'approved',"
    " 'returned', 'rejected', 'making', 'made', 'collected', 'active',"
    " 'cancelled')), status TEXT NOT NULL DEFAULT 'none' CHECK (status IN"
    " ('none', 'dormant', 'normal', 'lost', 'locked', 'temporarily-lost',"
    " 'cancelled')), revision BIGINT NOT NULL, record TEXT NOT NULL,"
    " record_sm3 TEXT NOT NULL, form_sm3 TEXT NOT NULL,"
    " events BIGINT NOT NULL, head TEXT NOT NULL, changed TEXT NOT NULL,"
    " number TEXT NOT NULL DEFAULT '', chip TEXT NOT NULL DEFAULT '',"
    " until TEXT NOT NULL DEFAULT '', claim TEXT NOT NULL DEFAULT '',"
    " claimant TEXT NOT NULL DEFAULT '')";
static const char application_open[] =
    "CREATE UNIQUE INDEX application_open ON application (person)"
    " WHERE state IN " OPEN;
static const char application_holder[] =
    "CREATE UNIQUE INDEX application_holder ON application (person)"
    " WHERE status IN " LIVE " OR (kind = 'new' AND state IN " OPEN ")";
static const char application_state[] =
    "CREATE INDEX application_state ON application (state, id)";
static const char application_person[] =
    "CREATE INDEX application_person ON application (person)";
static const char application_number[] =
    "CREATE UNIQUE INDEX application_number ON application (number)"
    " WHERE number <> ''";
static const char application_claim[] =
    "CREATE INDEX application_claim ON application (state, claim, id)"
    " WHERE state = 'approved'";
static const char application_status[] =
    "CREATE INDEX application_status ON application (number)"
    " WHERE status IN ('lost', 'locked', 'temporarily-lost', 'cancelled')";
static const char event[] =
    "CREATE TABLE event (id TEXT NOT NULL, number BIGINT NOT NULL,"
    " step TEXT NOT NULL, state TEXT NOT NULL,"
    " status TEXT NOT NULL DEFAULT 'none', time TEXT NOT NULL,"
    " operator TEXT NOT NULL, station TEXT NOT NULL,"
    " station_number BIGINT NOT NULL, record_sm3 TEXT NOT NULL,"
    " prev TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (id, number))";
static const char event_station[] =
    "CREATE UNIQUE INDEX event_station ON event (station, station_number)";
static const char station[] =
    "CREATE TABLE station (name TEXT PRIMARY KEY, events BIGINT NOT NULL,"
    " actions BIGINT NOT NULL DEFAULT 0)";
static const char card[] =
    "CREATE TABLE card (chip TEXT PRIMARY KEY, number TEXT NOT NULL,"
    " id TEXT NOT NULL, stock TEXT NOT NULL CHECK (stock IN ('blank', 'made',"
    " 'spoiled', 'returned', 'destroyed')), station TEXT NOT NULL,"
    " changed TEXT NOT NULL)";
static const char card_number[] =
    "CREATE UNIQUE INDEX card_number ON card (number)";
static const char job[] =
    "CREATE TABLE job (id TEXT PRIMARY KEY, number TEXT NOT NULL,"
    " chip TEXT NOT NULL, station TEXT NOT NULL, epoch BIGINT NOT NULL,"
    " since TEXT NOT NULL)";
static const char span[] =
    "CREATE TABLE number_span (span TEXT PRIMARY KEY, next BIGINT NOT NULL)";
static const char block[] =
    "CREATE TABLE number_block (span TEXT NOT NULL, station TEXT NOT NULL,"
    " next BIGINT NOT NULL, last BIGINT NOT NULL,"
    " PRIMARY KEY (span, station))";
static const char tries[] =
    "CREATE TABLE tries (chip TEXT NOT NULL, secret TEXT NOT NULL,"
    " remaining BIGINT NOT NULL, seen TEXT NOT NULL,"
    " PRIMARY KEY (chip, secret))";
static const char action[] =
    "CREATE TABLE action (station TEXT NOT NULL, number BIGINT NOT NULL,"
    " time TEXT NOT NULL, operator TEXT NOT NULL, word TEXT NOT NULL,"
    " subject TEXT NOT NULL, detail TEXT NOT NULL, prev TEXT NOT NULL,"
    " digest TEXT NOT NULL, PRIMARY KEY (station, number))";

const struct ss_sql_part ss_sql_schema[] = {
	{ application, false }, { application_open, false },
	{ application_holder, false }, { application_state, false },
	{ application_person, false }, { application_number, false },
	{ application_claim, false }, { application_status, false },
	{ event, true }, { event_station, false }, { station, true },
	{ card, true }, { card_number, false }, { job, true },
	{ span, true }, { block, true }, { tries, true }, { action, true },
	{ NULL, false },
};

/* The first version knew neither cards nor kinds. */
static const struct ss_sql_part to_second[] = {
	{ "ALTER TABLE application ADD COLUMN kind TEXT NOT NULL"
	    " DEFAULT 'new'", false },
	{ "ALTER TABLE application ADD COLUMN status TEXT NOT NULL"
	    " DEFAULT 'none' CHECK (status IN ('none', 'dormant', 'normal',"
	    " 'lost', 'locked', 'temporarily-lost', 'cancelled'))", false },
	{ "ALTER TABLE application ADD COLUMN number TEXT NOT NULL"
	    " DEFAULT ''", false },
	{ "ALTER TABLE application ADD COLUMN chip TEXT NOT NULL DEFAULT ''",
	    false },
	{ "ALTER TABLE application ADD COLUMN until TEXT NOT NULL DEFAULT ''",
	    false },
	{ "ALTER TABLE application ADD COLUMN claim TEXT NOT NULL DEFAULT ''",
	    false },
	{ "ALTER TABLE application ADD COLUMN claimant TEXT NOT NULL"
	    " DEFAULT ''", false },
	{ "DROP INDEX application_state", false },
	{ application_state, false }, { application_holder, false },
	{ application_person, false }, { application_number, false },
	{ application_claim, false }, { application_status, false },
	{ "ALTER TABLE event ADD COLUMN status TEXT NOT NULL DEFAULT 'none'",
	    false },
	{ "ALTER TABLE station ADD COLUMN actions BIGINT NOT NULL DEFAULT 0",
	    false },
	{ card, true }, { card_number, false }, { job, true },
	{ span, true }, { block, true }, { tries, true }, { action, true },
	{ NULL, false },
};

const struct ss_sql_part *const ss_sql_migrations[] = { to_second };

static const char *const station_columns[] = { "name", "events", "actions",
	NULL };
static const char *const card_columns[] = { "chip", "number", "id", "stock",
	"station", "changed", NULL };
static const char *const job_columns[] = { "id", "number", "chip", "station",
	"epoch", "since", NULL };
static const char *const span_columns[] = { "span", "next", NULL };
static const char *const block_columns[] = { "span", "station", "next",
	"last", NULL };
static const char *const tries_columns[] = { "chip", "secret", "remaining",
	"seen", NULL };
static const char *const action_columns[] = { "station", "number", "time",
	"operator", "word", "subject", "detail", "prev", "digest", NULL };

const struct ss_sql_table ss_sql_tables[] = {
	{ "station", station_columns, " events actions " },
	{ "card", card_columns, " " },
	{ "job", job_columns, " epoch " },
	{ "number_span", span_columns, " next " },
	{ "number_block", block_columns, " next last " },
	{ "tries", tries_columns, " remaining " },
	{ "action", action_columns, " number " },
	{ NULL, NULL, NULL },
};

bool
ss_sql_is_number(const struct ss_sql_table *table, const char *column)
{
	const char *p = strstr(table->numbers, column);
	size_t n = strlen(column);

	return p != NULL && p > table->numbers && p[-1] == ' ' && p[n] == ' ';
}

#define LOAD "SELECT " SS_ENTRY_COLUMNS SS_ENTRY_TABLES " WHERE "
#define UPDATE "UPDATE application SET person = $2, region = $3, kind = $4," \
    " state = $5, status = $6, revision = $7, record_sm3 = $8," \
    " form_sm3 = $9, events = $10, head = $11, changed = $12, number = $13," \
    " chip = $14, until = $15, record = $16 WHERE id = $1 AND events = $17"

/* In a region, by the digits that its code begins with; "" for all. */
#define WITHIN(arg) "substr(COALESCE(a.region, ''), 1, length(" arg ")) = " \
    arg

/* What the last event of certain steps has of an application. */
#define LAST(column, steps) "(SELECT e." column " FROM event e" \
    " WHERE e.id = a.id AND e.step IN (" steps ")" \
    " ORDER BY e.number DESC LIMIT 1)"

/* Approved and not yet active: where each waits, since when, at which
 * station and until when; $1 is now, $2 the region. */
#define STAGES " FROM (SELECT a.id AS id, a.region AS region," \
    " CASE WHEN a.claim = '' THEN 0 WHEN a.claim >= $1 THEN 1 ELSE 2 END" \
    " AS stage, a.claimant AS station, a.changed AS since," \
    " a.claim AS until FROM application a WHERE a.state = 'approved'" \
    " AND " WITHIN("$2") \
    " UNION ALL SELECT a.id, a.region, 3, COALESCE(j.station, '')," \
    " COALESCE(j.since, a.changed), '' FROM application a LEFT JOIN job j" \
    " ON j.id = a.id WHERE a.state = 'making' AND " WITHIN("$2") \
    " UNION ALL SELECT a.id, a.region, CASE WHEN EXISTS (SELECT 1" \
    " FROM event n WHERE n.id = a.id AND n.step = 'notify' AND" \
    " n.state = 'made') THEN 5 ELSE 4 END," \
    " COALESCE(" LAST("station", "'finish', 'take-back'") ", '')," \
    " COALESCE(" LAST("time", "'finish', 'take-back'") ", a.changed), ''" \
    " FROM application a WHERE a.state = 'made' AND " WITHIN("$2") \
    " UNION ALL SELECT a.id, a.region, 6," \
    " COALESCE(" LAST("station", "'collect'") ", '')," \
    " COALESCE(" LAST("time", "'collect'") ", a.changed), ''" \
    " FROM application a WHERE a.state = 'collected' AND " WITHIN("$2") \
    ") s "

/* What of each region stands where, for sums that must agree. */
#define COUNT_OF(what, from) " SELECT " #what ", COUNT(*)" from

/* A card that was on the loss list, or may be; since when it is what it is. */
#define LOSS "SELECT a.number, a.status, " LAST("time", "'activate'," \
    " 'lose-for-now', 'lapse', 'lose', 'release', 'lock', 'unlock'," \
    " 'cancel', 'replace'") ", a.until, CASE WHEN a.status = 'cancelled'" \
    " THEN a.record ELSE '' END FROM application a WHERE "

const char *const ss_sql[SS_QUERIES] = {
	[SS_Q_LOAD] = LOAD "a.id = $1",
	[SS_Q_LOAD_OPEN] = LOAD "a.person = $1 AND a.state IN " OPEN,
	[SS_Q_LOAD_LIVE] = LOAD "a.person = $1 AND a.status IN " LIVE,
	[SS_Q_LOAD_NUMBER] = LOAD "a.number = $1 AND a.number <> ''",
	[SS_Q_LOAD_CHIP] = "SELECT " SS_ENTRY_COLUMNS " FROM card c"
	    " JOIN application a ON a.id = c.id WHERE c.chip = $1",
	[SS_Q_RECORD] = "SELECT record FROM application WHERE id = $1",
	[SS_Q_HAD] = "SELECT 1 FROM event WHERE id = $1 AND record_sm3 = $2",
	[SS_Q_INSERT] = "INSERT INTO application (id, person, region, kind,"
	    " state, status, revision, record_sm3, form_sm3, events, head,"
	    " changed, number, chip, until, record) VALUES ($1, $2, $3, $4,"
	    " $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
	    " ON CONFLICT DO NOTHING",
	[SS_Q_UPDATE] = UPDATE,
	[SS_Q_UPDATE_ALONE] = UPDATE " AND NOT EXISTS (SELECT 1"
	    " FROM application o WHERE o.person = $2 AND o.id <> $1 AND"
	    " ((o.state IN " OPEN " AND $5 IN " OPEN ") OR"
	    " ((o.status IN " LIVE " OR (o.kind = 'new' AND o.state IN " OPEN
	    ")) AND ($6 IN " LIVE " OR ($4 = 'new' AND $5 IN " OPEN ")))))",
	[SS_Q_ADD_EVENT] = "INSERT INTO event (" EVENT ") VALUES"
	    " ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
	    " ON CONFLICT DO NOTHING",
	[SS_Q_STATION] = "SELECT events, actions FROM station WHERE name = $1"
	    " FOR UPDATE",
	[SS_Q_ADD_STATION] = "INSERT INTO station (name, events, actions)"
	    " VALUES ($1, 0, 0) ON CONFLICT DO NOTHING",
	[SS_Q_SET_STATION] = "UPDATE station SET events = $2, actions = $3"
	    " WHERE name = $1",
	[SS_Q_ADD_ACTION] = "INSERT INTO action (station, number, time,"
	    " operator, word, subject, detail, prev, digest) VALUES"
	    " ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
	[SS_Q_LAST_ACTION] = "SELECT digest FROM action WHERE station = $1 AND"
	    " number = $2",
	[SS_Q_ADD_CARD] = "INSERT INTO card (chip, number, id, stock, station,"
	    " changed) VALUES ($1, $2, $3, $4, $5, $6)"
	    " ON CONFLICT DO NOTHING",
	[SS_Q_SET_STOCK] = "UPDATE card SET stock = $3, changed = $4"
	    " WHERE chip = $1 AND id = $2",
	[SS_Q_DROP_CARD] = "DELETE FROM card WHERE chip = $1 AND id = $2 AND"
	    " stock = 'blank'",
	[SS_Q_GIVEN] = "SELECT 1 FROM card WHERE number = $1 UNION ALL"
	    " SELECT 1 FROM job WHERE number = $1",
	[SS_Q_JOB] = "SELECT id, number, chip, station, epoch, since FROM job"
	    " WHERE id = $1",
	/* Behind the row's lock: whoever has finished it meanwhile is seen. */
	[SS_Q_ADD_JOB] = "INSERT INTO job (id, number, chip, station, epoch,"
	    " since) SELECT $1, $2, '', $3, 1, $4 FROM application"
	    " WHERE id = $1 AND state IN ('approved', 'making') FOR UPDATE"
	    " ON CONFLICT DO NOTHING",
	[SS_Q_TAKE_JOB] = "UPDATE job SET station = $2, epoch = epoch + 1"
	    " WHERE id = $1 AND epoch = $3",
	[SS_Q_BIND_JOB] = "UPDATE job SET chip = $2 WHERE id = $1 AND"
	    " epoch = $3",
	[SS_Q_DROP_JOB] = "DELETE FROM job WHERE id = $1 AND epoch = $2",
	[SS_Q_END_JOB] = "DELETE FROM job WHERE id = $1",
	[SS_Q_BLOCK] = "SELECT next, last FROM number_block WHERE span = $1"
	    " AND station = $2 FOR UPDATE",
	[SS_Q_SET_BLOCK] = "INSERT INTO number_block (span, station, next,"
	    " last) VALUES ($1, $2, $3, $4) ON CONFLICT (span, station)"
	    " DO UPDATE SET next = excluded.next, last = excluded.last",
	[SS_Q_SPAN] = "SELECT next FROM number_span WHERE span = $1"
	    " FOR UPDATE",
	[SS_Q_ADD_SPAN] = "INSERT INTO number_span (span, next)"
	    " VALUES ($1, 0) ON CONFLICT DO NOTHING",
	[SS_Q_SET_SPAN] = "UPDATE number_span SET next = $2 WHERE span = $1",
	[SS_Q_TRIES] = "SELECT remaining, seen FROM tries WHERE chip = $1 AND"
	    " secret = $2",
	[SS_Q_SET_TRIES] = "INSERT INTO tries (chip, secret, remaining, seen)"
	    " VALUES ($1, $2, $3, $4) ON CONFLICT (chip, secret) DO UPDATE"
	    " SET remaining = excluded.remaining, seen = excluded.seen",
	/* Not as IN (SELECT ... LIMIT): that may be run for each row, and
	 * then takes others each time. */
	[SS_Q_CLAIM] = "WITH free AS (SELECT id FROM application WHERE"
	    " state = 'approved' AND claim < $3 AND"
	    " substr(region, 1, length($4)) = $4 ORDER BY claim, id LIMIT $5"
	    " FOR UPDATE SKIP LOCKED) UPDATE application SET claim = $1,"
	    " claimant = $2 WHERE id IN (SELECT id FROM free)"
	    " RETURNING id, record",
	[SS_Q_HELD] = "SELECT id, record FROM application WHERE"
	    " state = 'approved' AND claim >= $1 AND claimant = $2 AND"
	    " substr(region, 1, length($3)) = $3 ORDER BY id LIMIT $4",
	[SS_Q_RELEASE] = "UPDATE application SET claim = '', claimant = ''"
	    " WHERE id = $1 AND state = 'approved' AND claimant = $2 AND"
	    " claim <> ''",
	[SS_Q_EVENTS] = "SELECT " EVENT " FROM event WHERE id = $1"
	    " ORDER BY number",
	[SS_Q_EVENTS_BETWEEN] = "SELECT " EVENT " FROM event WHERE id >= $1"
	    " AND id <= $2 ORDER BY id, number",
	[SS_Q_EVENTS_OF] = "SELECT " EVENT " FROM event WHERE station = $1"
	    " AND station_number > $2 ORDER BY station_number LIMIT $3",
	[SS_Q_STRAYS] = "SELECT DISTINCT e.id FROM event e LEFT JOIN"
	    " application a ON a.id = e.id WHERE a.id IS NULL",
	[SS_Q_COUNTS] = "SELECT n.name, s.events, COALESCE(e.count, 0),"
	    " COALESCE(e.last, 0), s.actions, COALESCE(a.count, 0) FROM"
	    " (SELECT name FROM station UNION SELECT station FROM event UNION"
	    " SELECT station FROM action) n LEFT JOIN station s ON"
	    " s.name = n.name LEFT JOIN (SELECT station, COUNT(*) AS count,"
	    " MAX(station_number) AS last FROM event GROUP BY station) e ON"
	    " e.station = n.name LEFT JOIN (SELECT station, COUNT(*) AS count"
	    " FROM action GROUP BY station) a ON a.station = n.name"
	    " ORDER BY n.name",
	[SS_Q_CARDS] = "SELECT c.chip, CASE WHEN a.id IS NULL OR"
	    " (c.stock <> 'spoiled' AND (a.chip <> c.chip OR"
	    " a.number <> c.number)) OR NOT EXISTS (SELECT 1 FROM event e"
	    " WHERE e.id = c.id AND e.step = 'make' AND"
	    " e.station = c.station) OR NOT EXISTS (SELECT 1 FROM event e"
	    " WHERE e.id = c.id AND e.time = c.changed AND e.step IN ('make',"
	    " 'give-up', 'finish', 'hand-in', 'destroy'))"
	    " THEN 1 ELSE 0 END FROM card c LEFT JOIN"
	    " application a ON a.id = c.id ORDER BY c.chip",
	[SS_Q_SPOILED] = "SELECT t.id FROM (SELECT id, 1 AS one FROM event"
	    " WHERE step = 'give-up' UNION ALL SELECT id, -1 FROM card WHERE"
	    " stock = 'spoiled') t GROUP BY t.id HAVING SUM(t.one) <> 0"
	    " ORDER BY t.id",
	[SS_Q_JOBS] = "SELECT j.id FROM job j LEFT JOIN application a ON"
	    " a.id = j.id WHERE a.id IS NULL OR NOT ((a.state = 'approved'"
	    " AND j.chip = '') OR (a.state = 'making' AND j.chip = a.chip AND"
	    " j.number = a.number)) UNION ALL SELECT a.id FROM application a"
	    " LEFT JOIN job j ON j.id = a.id WHERE a.state = 'making' AND"
	    " j.id IS NULL",
	[SS_Q_ACTIONS] = "SELECT station, number, time, operator, word,"
	    " subject, detail, prev, digest FROM action"
	    " ORDER BY station, number",
	[SS_Q_MISSING_STATIONS] = "INSERT INTO station (name, events, actions)"
	    " SELECT station, MAX(station_number), 0 FROM event WHERE true"
	    " GROUP BY station ON CONFLICT (name) DO UPDATE SET"
	    " events = excluded.events WHERE excluded.events >"
	    " station.events",
	[SS_Q_STATIONS] = "SELECT name, events, actions FROM station"
	    " ORDER BY name",
	[SS_Q_SET_CLAIM] = "UPDATE application SET claim = $2, claimant = $3"
	    " WHERE id = $1",
	[SS_Q_STANDING] = "SELECT a.region, a.state, a.status, COUNT(*)"
	    " FROM application a WHERE " WITHIN("$1")
	    " GROUP BY a.region, a.state, a.status",
	[SS_Q_PASSED] = "SELECT e.id, e.number, e.step, e.time, a.region"
	    " FROM event e JOIN application a ON a.id = e.id WHERE"
	    " e.id >= $1 AND (e.id > $1 OR e.number > $2) AND " WITHIN("$3")
	    " ORDER BY e.id, e.number LIMIT $4",
	[SS_Q_STAGES] = "SELECT s.stage, s.region, s.station, COUNT(*),"
	    " MIN(s.since), MIN(s.until)" STAGES "GROUP BY s.stage,"
	    " s.region, s.station ORDER BY s.stage, s.region, s.station",
	[SS_Q_HANGING] = "SELECT s.id, s.region, s.stage, s.since, s.station"
	    STAGES "WHERE s.since <= $3 AND s.id > $4 ORDER BY s.id LIMIT $5",
	[SS_Q_SUMS] = COUNT_OF(0, " FROM application a WHERE"
	    " a.state = 'approved' AND " WITHIN("$1")) " UNION ALL"
	    COUNT_OF(1, " FROM application a JOIN event e ON e.id = a.id"
	    " AND e.number = a.events WHERE e.state = 'approved' AND "
	    WITHIN("$1")) " UNION ALL"
	    COUNT_OF(2, " FROM application a WHERE a.state = 'making' AND "
	    WITHIN("$1")) " UNION ALL"
	    COUNT_OF(3, " FROM job j LEFT JOIN application a ON a.id = j.id"
	    " WHERE j.chip <> '' AND " WITHIN("$1")) " UNION ALL"
	    COUNT_OF(4, " FROM card c LEFT JOIN application a ON a.id = c.id"
	    " WHERE c.stock = 'blank' AND " WITHIN("$1")) " UNION ALL"
	    COUNT_OF(5, " FROM application a WHERE a.status <> 'none' AND "
	    WITHIN("$1")) " UNION ALL"
	    COUNT_OF(6, " FROM card c LEFT JOIN application a ON a.id = c.id"
	    " WHERE c.stock IN ('made', 'returned', 'destroyed') AND "
	    WITHIN("$1")),
	[SS_Q_STOCK] = "SELECT s.region, s.station, SUM(CASE WHEN"
	    " s.stock = 'blank' THEN 1 ELSE 0 END), SUM(CASE WHEN"
	    " s.stock = 'made' AND s.handed = 0 THEN 1 ELSE 0 END),"
	    " SUM(CASE WHEN s.stock = 'made' AND s.handed = 1 THEN 1 ELSE 0"
	    " END), SUM(CASE WHEN s.stock = 'spoiled' THEN 1 ELSE 0 END),"
	    " SUM(CASE WHEN s.stock = 'returned' THEN 1 ELSE 0 END),"
	    " SUM(CASE WHEN s.stock = 'destroyed' THEN 1 ELSE 0 END) FROM"
	    " (SELECT COALESCE(a.region, '') AS region, c.station AS station,"
	    " c.stock AS stock, CASE WHEN c.stock = 'made' AND (a.state IN"
	    " ('collected', 'active') OR (a.state = 'cancelled' AND "
	    LAST("step", "'collect', 'take-back'") " = 'collect')) THEN 1"
	    " ELSE 0 END AS handed FROM card c LEFT JOIN application a ON"
	    " a.id = c.id WHERE " WITHIN("$1") ") s GROUP BY s.region,"
	    " s.station ORDER BY s.region, s.station",
	[SS_Q_SPANS] = "SELECT s.span, s.next, COALESCE(b.rest, 0) FROM"
	    " number_span s LEFT JOIN (SELECT span, SUM(last - next) AS rest"
	    " FROM number_block GROUP BY span) b ON b.span = s.span"
	    " ORDER BY s.span",
	[SS_Q_LOSSES] = LOSS "a.status IN ('lost', 'locked',"
	    " 'temporarily-lost', 'cancelled') AND a.number > $1 AND "
	    WITHIN("$2") " ORDER BY a.number LIMIT $3",
	[SS_Q_LOSS] = LOSS "a.id = $1 AND a.number <> '' AND " WITHIN("$2"),
};
