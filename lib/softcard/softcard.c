#include <sys/prctl.h>

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/text.h"
#include "softcard/softcard_own.h"

#define NS 1000000000u
#define LATE_NS 60000u	/* of a sleep's end, with no slack of its timer */

static struct ss_softcard *
new_card(void)
{
	struct ss_softcard *c = calloc(1, sizeof(*c));

	if (c != NULL)
		c->lock = -1;
	else
		ss_fail(SS_EMEMORY, "out of memory");
	return c;
}

void
ss_softcard_close(struct ss_softcard *c)
{
	if (c == NULL)
		return;
	ss_soft_unmap(c);
	ss_cipher_free(c->cipher);
	if (c->chain.data != NULL)
		ss_wipe(c->chain.data, c->chain.cap);
	ss_bytes_free(&c->chain);
	if (c->lock != -1)
		close(c->lock);		/* and the lock is gone */
	free(c->dir);
	ss_wipe(c->answer, sizeof(c->answer));
	free(c);
}

/* What follows from profile and setup. */
static int
prepare(struct ss_softcard *c)
{
	int r;

	if ((r = ss_cipher_new(&c->cipher,
	    c->setup.profile->arithmetic.cipher)) != 0)
		return r;
	ss_soft_rows(c);
	return ss_soft_personify(c);
}

static int
check_setup(const struct ss_softcard_setup *s)
{
	if (strlen(s->region) != 6 || !ss_is_digits(s->region, 6))
		return ss_fail(SS_EINVALID, "a region is six digits");
	if (s->key_version < 1 || s->key_version > 255)
		return ss_fail(SS_EINVALID, "a key version is 1 to 255");
	return 0;
}

int
ss_softcard_create(const char *dir, const struct ss_softcard_setup *setup)
{
	struct ss_softcard *c;
	int r;

	if ((r = check_setup(setup)) != 0)
		return r;
	if ((c = new_card()) == NULL)
		return SS_EMEMORY;
	c->setup = *setup;
	memcpy(c->region, setup->region, sizeof(c->region));
	if ((r = prepare(c)) != 0)
		goto out;
	if (mkdir(dir, 0700) == -1) {
		if (errno == EEXIST)
			r = ss_fail(SS_EEXISTS, "%s is there already", dir);
		else
			r = ss_fail_errno(dir) == SS_EMEMORY ? SS_EMEMORY :
			    ss_fail_as(SS_EIO);
		goto out;
	}
	/* The label last: without it the folder is no card. */
	if ((r = ss_soft_lock(c, dir)) == 0 && (r = ss_soft_format(c)) == 0)
		r = ss_soft_save(c);
out:
	ss_softcard_close(c);
	return r;
}

int
ss_softcard_open(struct ss_softcard **out, const char *dir,
    const struct ss_profiles *profiles)
{
	struct ss_softcard *c;
	int r;

	*out = NULL;
	if ((c = new_card()) == NULL)
		return SS_EMEMORY;
	if ((r = ss_soft_lock(c, dir)) != 0 ||
	    (r = ss_soft_load(c, profiles)) != 0 ||
	    (r = prepare(c)) != 0 || (r = ss_soft_map(c)) != 0) {
		ss_softcard_close(c);
		return r;
	}
	*out = c;
	return 0;
}

int
ss_softcard_reset(struct ss_softcard *c)
{
	int r;

	ss_soft_unmap(c);
	if ((r = ss_soft_format(c)) != 0 || (r = ss_soft_map(c)) != 0)
		c->left = true;		/* it has no memory any more */
	ss_soft_forget(c);
	return r;
}

void
ss_softcard_power(struct ss_softcard *c, bool on)
{
	c->powered = on;
	ss_soft_forget(c);
}

const uint8_t *
ss_softcard_atr(const struct ss_softcard *c, size_t *len)
{
	*len = c->atr_len;
	return c->atr;
}

/* --- one command */

static int
gone(const struct ss_softcard *c)
{
	return ss_fail(SS_EREADER, c->left ? "the card has left the reader" :
	    "the card has no power");
}

static int
leave(struct ss_softcard *c, size_t *len)
{
	c->left = true;
	*len = 0;
	ss_soft_forget(c);
	return gone(c);
}

/* Until an instant. A sleep ends late, by more than a short command takes on a
 * fast wire: the last of it is not slept. */
static void
wait_until(uint64_t ns)
{
	uint64_t sleep = ns > LATE_NS ? ns - LATE_NS : 0;
	struct timespec at = { (time_t)(sleep / NS), (long)(sleep % NS) };

	prctl(PR_SET_TIMERSLACK, 1ul, 0ul, 0ul, 0ul);	/* of this thread */
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) ==
	    EINTR)
		;
	do
		clock_gettime(CLOCK_MONOTONIC, &at);
	while ((uint64_t)at.tv_sec * NS + (uint64_t)at.tv_nsec < ns);
}

/* Until as much time has passed since start as the wire and the chip take. */
static void
wait_for_wire(const struct ss_softcard *c, struct timespec start,
    size_t command, size_t response)
{
	uint64_t ns = ss_link_time(&c->link, command, response) + c->write_ns;

	if (ns > 0)
		wait_until((uint64_t)start.tv_sec * NS +
		    (uint64_t)start.tv_nsec + ns);
}

int
ss_softcard_transmit(struct ss_softcard *c, const void *command, size_t len,
    uint8_t *response, size_t *response_len)
{
	struct ss_softcard_hook lie;
	struct timespec start;
	uint32_t n;

	*response_len = 0;
	if (c->left || !c->powered)
		return gone(c);
	clock_gettime(CLOCK_MONOTONIC, &start);
	c->write_ns = 0;
	n = ++c->commands;
	if (ss_soft_hooked(c, SS_HOOK_LEAVE_BEFORE, n, NULL))
		return leave(c, response_len);
	ss_soft_run(c, command, len, response, response_len);
	if (c->left || ss_soft_hooked(c, SS_HOOK_LEAVE, n, NULL))
		return leave(c, response_len);
	while (ss_soft_hooked(c, SS_HOOK_MUTE, n, NULL))
		for (;;)
			pause();
	if (ss_soft_hooked(c, SS_HOOK_LIE, n, &lie)) {
		memcpy(response, lie.lie, lie.lie_len);
		*response_len = lie.lie_len;
	}
	wait_for_wire(c, start, len, *response_len);
	return 0;
}

/* --- what a tester sets */

int
ss_softcard_set_hook(struct ss_softcard *c, const struct ss_softcard_hook *h)
{
	if (h->kind == SS_HOOK_NONE) {
		c->hooks_count = c->later_count = 0;
		return ss_soft_save(c);
	}
	if (h->n == 0 || h->lie_len > sizeof(h->lie))
		return ss_fail(SS_EINVALID, "a hook counts from 1");
	if (c->hooks_count + c->later_count == SS_SOFT_HOOKS)
		return ss_fail(SS_EINVALID, "a card has at most %d hooks",
		    SS_SOFT_HOOKS);
	c->later[c->later_count++] = *h;
	return ss_soft_save(c);
}

int
ss_softcard_set_link(struct ss_softcard *c, const struct ss_link *l)
{
	c->link = *l;
	return ss_soft_save(c);
}
