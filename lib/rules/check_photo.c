/* The checks of the photo: what was measured against the policy. */

#include "base/json.h"
#include "rules/check.h"

/* A figure that has to be within limits; max -1: no upper one. */
static void
within(struct ss_checks *c, const char *name, int64_t value, int64_t min,
    int64_t max)
{
	bool ok = value >= min && (max < 0 || value <= max);

	ss_check_begin(c, name, ok ? SS_GOOD : SS_BAD);
	ss_json_addi(c->out, "value", value);
	if (!ok) {
		ss_json_key(c->out, "need");
		if (max < 0)
			ss_bytes_addf(c->out, "\"at least %lld\"",
			    (long long)min);
		else if (min <= 0)
			ss_bytes_addf(c->out, "\"at most %lld\"",
			    (long long)max);
		else if (min == max)
			ss_bytes_addf(c->out, "\"%lld\"", (long long)min);
		else
			ss_bytes_addf(c->out, "\"%lld to %lld\"",
			    (long long)min, (long long)max);
		ss_json_add(c->out, "member", "photo");
	}
	ss_check_end(c);
}

static void
check_size(struct ss_checks *c)
{
	const struct ss_photo *p = c->photo;
	bool ok = p->width == c->policy->photo.width &&
	    p->height == c->policy->photo.height;

	ss_check_begin(c, "photo-size", ok ? SS_GOOD : SS_BAD);
	ss_json_key(c->out, "value");
	ss_bytes_addf(c->out, "\"%dx%d\"", p->width, p->height);
	if (!ok) {
		ss_json_key(c->out, "need");
		ss_bytes_addf(c->out, "\"%lldx%lld\"",
		    (long long)c->policy->photo.width,
		    (long long)c->policy->photo.height);
		ss_json_add(c->out, "member", "photo");
	}
	ss_check_end(c);
}

/* Dots per centimetre are whole numbers: 138 of them are 350 an inch. */
static int64_t
dpi_of(const struct ss_checks *c)
{
	int64_t want = c->policy->photo.dpi;

	if (c->photo->dpcm != 0 &&
	    c->photo->dpcm == (want * 100 + 127) / 254)
		return want;
	return c->photo->dpi;
}

static void
check_coding(struct ss_checks *c)
{
	bool ok = !c->photo->progressive || c->policy->photo.progressive;

	ss_check_begin(c, "photo-coding", ok ? SS_GOOD : SS_BAD);
	ss_json_add(c->out, "value", c->photo->progressive ? "progressive" :
	    "sequential");
	if (!ok) {
		ss_json_add(c->out, "need", "sequential");
		ss_json_add(c->out, "member", "photo");
	}
	ss_check_end(c);
}

/* The oldest day a photo may have been taken on. */
static ss_day
oldest(const struct ss_checks *c)
{
	const struct ss_period *max = &c->policy->photo.max_age.period;

	switch (max->unit) {
	case SS_MONTHS:
		return ss_day_add_months(c->today, -max->n);
	case SS_YEARS:
		return ss_day_add_months(c->today, -12 * max->n);
	default:
		return c->today - max->n;
	}
}

/* By EXIF, where the file says; no date is no fault. */
static void
check_age(struct ss_checks *c)
{
	const char *note = NULL;
	ss_day taken;

	if (!c->policy->photo.max_age.set || c->photo->taken[0] == '\0')
		return;
	taken = ss_day_parse(c->photo->taken);
	if (taken > c->today + 1)
		note = "taken in the future";
	else if (taken < oldest(c))
		note = "taken too long ago";
	ss_check_begin(c, "photo-age", note == NULL ? SS_GOOD : SS_BAD);
	ss_json_add(c->out, "value", c->photo->taken);
	if (note != NULL) {
		ss_json_add(c->out, "member", "photo");
		ss_json_add(c->out, "note", note);
	}
	ss_check_end(c);
}

void
ss_checks_photo(struct ss_checks *c)
{
	const struct ss_policy *policy = c->policy;
	const struct ss_photo *p = c->photo;

	if (p == NULL) {
		if (ss_photo_asked(policy, &c->who))
			ss_check(c, "photo", SS_BAD, "photo", "missing");
		return;
	}
	ss_check(c, "photo", SS_GOOD, NULL, NULL);
	check_size(c);
	within(c, "photo-dpi", dpi_of(c), policy->photo.dpi,
	    policy->photo.dpi == 0 ? -1 : policy->photo.dpi);
	within(c, "photo-colour", p->bits, policy->photo.bits,
	    policy->photo.bits);
	within(c, "photo-bytes", (int64_t)p->bytes, policy->photo.min_bytes,
	    policy->photo.max_bytes);
	check_coding(c);
	within(c, "photo-white", p->white, policy->photo.background.white,
	    -1);
	within(c, "photo-even", p->even, 0, policy->photo.background.even);
	within(c, "photo-border", p->border, 0,
	    policy->photo.background.border);
	check_age(c);
}
