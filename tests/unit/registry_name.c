/* Names of registers are shown without the passwords they hold. */
#include "books/registry_own.h"
#include "../tap.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *name, *shown;
} names[] = {
	{ "/var/lib/a:b@c.db", "/var/lib/a:b@c.db" },
	{ "sqlite:/x?password=y", "sqlite:/x?password=y" },
	{ "postgresql://h/db", "postgresql://h/db" },
	{ "postgresql://h:5432/db", "postgresql://h:5432/db" },
	{ "postgresql:///db?host=%2Ftmp&user=u",
	    "postgresql:///db?host=%2Ftmp&user=u" },
	{ "postgresql://u@h:1/db", "postgresql://u@h:1/db" },
	{ "postgresql://u:secret@h:1/db", "postgresql://u:***@h:1/db" },
	{ "postgres://u:secret@h", "postgres://u:***@h" },
	{ "postgresql://u:sec@ret/@h/db", "postgresql://u:***@h/db" },
	{ "postgresql://:secret@/db", "postgresql://:***@/db" },
	{ "postgresql://h/db?user=u&password=secret&port=1",
	    "postgresql://h/db?user=u&password=***&port=1" },
	{ "postgresql://h/db?password=secret",
	    "postgresql://h/db?password=***" },
	{ "postgresql://h/db?sslpassword=secret&a=b",
	    "postgresql://h/db?sslpassword=***&a=b" },
	{ "postgresql://h/db?p%61ssword=secret",
	    "postgresql://h/db?p%61ssword=***" },
	{ "postgresql://h/db?application_name=pass",
	    "postgresql://h/db?application_name=pass" },
	{ "postgresql://h/db?&=&", "postgresql://h/db?&=&" },
	{ "postgresql://h/db?password", "postgresql://h/db?password" },
	{ "postgresql:", "postgresql:" },
};

int
main(void)
{
	struct ss_bytes b = { 0 };
	size_t i;

	for (i = 0; i < LEN(names); i++) {
		ss_bytes_reset(&b);
		ss_registry_show(names[i].name, &b);
		is(b.data, names[i].shown, names[i].name);
	}
	ss_bytes_free(&b);
	return done();
}
