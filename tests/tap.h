/* The Test Anything Protocol for the C tests: ok() counts, done() plans. */
#ifndef SS_TESTS_TAP_H
#define SS_TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_bad;

__attribute__((format(printf, 2, 3))) static inline bool
ok(bool good, const char *fmt, ...)
{
	va_list ap;

	printf("%sok %d - ", good ? "" : "not ", ++tap_count);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	if (!good)
		tap_bad++;
	return good;
}

/* Equal strings; says both when they are not. */
static inline bool
is(const char *got, const char *want, const char *what)
{
	bool same = strcmp(got, want) == 0;

	ok(same, "%s", what);
	if (!same)
		printf("# got:  %s\n# want: %s\n", got, want);
	return same;
}

/* For main's return. */
static inline int
done(void)
{
	printf("1..%d\n", tap_count);
	return tap_bad == 0 ? 0 : 1;
}

#endif
