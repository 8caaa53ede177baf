/* Photos for the C tests, by tests/tools/make-photo. */
#ifndef SS_TESTS_PHOTO_H
#define SS_TESTS_PHOTO_H

#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"

/* Runs tests/tools/make-photo. */
static inline struct ss_bytes
make(const char *options)
{
	const char *tools = getenv("SS_TOOLS");
	struct ss_bytes b = { 0 };
	char command[512], part[4096];
	size_t n;
	FILE *f;

	snprintf(command, sizeof(command), "%s/make-photo %s",
	    tools != NULL ? tools : "build/tools", options);
	if ((f = popen(command, "r")) == NULL) {
		puts("Bail out! make-photo does not run");
		exit(1);
	}
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		ss_bytes_add(&b, part, n);
	if (pclose(f) != 0 || ss_bytes_check(&b) != 0) {
		printf("Bail out! %s\n", command);
		exit(1);
	}
	return b;
}

#endif
