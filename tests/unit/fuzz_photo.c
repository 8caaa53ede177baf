#define _GNU_SOURCE	/* memfd_create */
#include "../fuzz-main.h"
#include "../fuzz/photo.c"

/* A small photo as tests/tools/make-photo makes it. */
static struct fuzz_seed
make(const char *options)
{
	const char *tools = getenv("SS_TOOLS");
	char command[512];
	uint8_t *data = malloc(FUZZ_MAX);
	size_t len;
	FILE *f;

	snprintf(command, sizeof(command),
	    "%s/make-photo --width 48 --height 60 %s",
	    tools != NULL ? tools : "build/tools", options);
	f = popen(command, "r");
	FUZZ_CHECK(data != NULL && f != NULL);
	len = fread(data, 1, FUZZ_MAX, f);
	FUZZ_CHECK(pclose(f) == 0 && len > 0 && len < FUZZ_MAX);
	return (struct fuzz_seed){ data, len };
}

int
main(void)
{
	static const char *const options[] = { "", "--progressive", "--grey",
		"--cmyk", "--exif-dpi 350", "--truncate 400" };
	struct fuzz_seed seeds[6];
	size_t i;
	int r;

	for (i = 0; i < 6; i++)
		seeds[i] = make(options[i]);
	r = fuzz_run(seeds, 6, "photos");
	for (i = 0; i < 6; i++)
		free((void *)(uintptr_t)seeds[i].data);
	return r;
}
