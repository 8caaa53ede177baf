#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/time.h"
#include "card/reader_own.h"
#include "softcard/softcard.h"

#define IN "/in/"
#define OUT "/out/"
#define PATH_MAX_HERE 1024

struct soft {
	char dir[PATH_MAX_HERE];
	bool feeder;
	char in[PATH_MAX_HERE];		/* of a feeder, the card that is
					 * connected, or was: its name */
	bool gone;			/* ejected since the last wait for a
					 * card, or connection */
	struct ss_softcard *card;
};

/* dir, part and name as one path. */
static int
join(char out[PATH_MAX_HERE], const char *dir, const char *part,
    const char *name)
{
	size_t a = strlen(dir), b = strlen(part), c = strlen(name);

	if (a + b + c >= PATH_MAX_HERE)
		return ss_fail(SS_EINVALID, "the path of a software card is "
		    "too long");
	memcpy(out, dir, a);
	memcpy(out + a, part, b);
	memcpy(out + a + b, name, c + 1);
	return 0;
}

static bool
is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool
is_feeder(const char *dir)
{
	char in[PATH_MAX_HERE], out[PATH_MAX_HERE];

	return join(in, dir, IN, "") == 0 && join(out, dir, OUT, "") == 0 &&
	    is_dir(in) && is_dir(out);
}

static int
soft_open(struct ss_reader *rd, const char *rest)
{
	struct soft *s;
	int r;

	if (!is_dir(rest))
		return ss_fail(SS_EMISSING, "\"soft:%s\": no such folder; "
		    "make a card with ss-softcard", rest);
	if (rd->setup.profiles == NULL)
		return ss_fail(SS_EINVALID, "\"soft:%s\": no card profiles",
		    rest);
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	if ((r = join(s->dir, rest, "", "")) != 0) {
		free(s);
		return r;
	}
	s->feeder = is_feeder(rest);
	/* A name is for people, and may be cut. */
	strcpy(rd->name, "soft:");
	strncat(rd->name, rest, sizeof(rd->name) - sizeof("soft:"));
	rd->own = s;
	return 0;
}

static void
soft_close(struct ss_reader *rd)
{
	free(rd->own);
}

/* The first card by name in a feeder; SS_EMISSING. */
static int
first(struct soft *s, char name[PATH_MAX_HERE])
{
	char in[PATH_MAX_HERE], path[PATH_MAX_HERE];
	struct dirent *e;
	DIR *d;

	name[0] = '\0';
	if (join(in, s->dir, IN, "") != 0 || (d = opendir(in)) == NULL)
		return ss_fail_errno("a feeder's folder of cards");
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' &&
		    (name[0] == '\0' || strcmp(e->d_name, name) < 0) &&
		    join(path, in, "", e->d_name) == 0 && is_dir(path))
			join(name, e->d_name, "", "");
	closedir(d);
	return name[0] != '\0' ? 0 : ss_fail(SS_EMISSING, "no card");
}

static bool
present_now(struct soft *s)
{
	char name[PATH_MAX_HERE];

	return !s->feeder || first(s, name) == 0;
}

static int
soft_wait(struct ss_reader *rd, bool present, int64_t wait_ms)
{
	int64_t until = wait_ms < 0 ? -1 : ss_monotonic() + wait_ms;
	struct soft *s = rd->own;

	/* The next one of a feeder moves up when it is looked for. */
	if (present)
		s->gone = false;
	else if (s->gone)
		return 0;
	/* Nobody can take out a folder that is a card. */
	if (!s->feeder)
		return present ? 0 : ss_reader_waited(rd, present);
	while (present_now(s) != present)
		if (!ss_reader_nap(rd, until))
			return ss_reader_waited(rd, present);
	return 0;
}

static void
soft_disconnect(struct ss_reader *rd, bool eject)
{
	char from[PATH_MAX_HERE], to[PATH_MAX_HERE];
	struct soft *s = rd->own;

	ss_watch_begin(rd->setup.watch, rd->setup.timeout_ms);
	ss_softcard_power(s->card, false);
	ss_softcard_close(s->card);
	ss_watch_end(rd->setup.watch);
	s->card = NULL;
	if (eject && s->feeder && join(from, s->dir, IN, s->in) == 0 &&
	    join(to, s->dir, OUT, s->in) == 0)
		s->gone = rename(from, to) == 0;
}

static int
soft_connect(struct ss_reader *rd)
{
	char path[PATH_MAX_HERE];
	struct soft *s = rd->own;
	const uint8_t *atr;
	int r;

	s->gone = false;
	if (s->feeder && first(s, s->in) != 0)
		return ss_fail(SS_EREADER, "\"%s\": no card in the reader; "
		    "put one in", rd->name);
	if ((r = join(path, s->dir, s->feeder ? IN : "", s->feeder ? s->in :
	    "")) != 0)
		return r;
	ss_watch_begin(rd->setup.watch, rd->setup.timeout_ms);
	r = ss_softcard_open(&s->card, path, rd->setup.profiles);
	if (r == 0)
		ss_softcard_power(s->card, true);
	ss_watch_end(rd->setup.watch);
	if (r != 0)
		return r;
	atr = ss_softcard_atr(s->card, &rd->atr_len);
	if (rd->atr_len > sizeof(rd->atr))
		rd->atr_len = 0;
	memcpy(rd->atr, atr, rd->atr_len);
	if ((r = ss_reader_form_of(rd)) != 0)
		soft_disconnect(rd, false);
	return r;
}

static int
soft_transmit(struct ss_reader *rd, const uint8_t *command, size_t len)
{
	struct soft *s = rd->own;
	int r;

	ss_watch_begin(rd->setup.watch, rd->setup.timeout_ms);
	r = ss_softcard_transmit(s->card, command, len, rd->response,
	    &rd->response_len);
	ss_watch_end(rd->setup.watch);
	rd->left = r != 0;
	return r;
}

const struct ss_reader_engine ss_reader_soft = {
	.prefix = "soft:",
	.open = soft_open,
	.close = soft_close,
	.wait = soft_wait,
	.connect = soft_connect,
	.disconnect = soft_disconnect,
	.transmit = soft_transmit,
};
