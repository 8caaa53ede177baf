#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "softcard/softcard_own.h"

#define MAGIC "sscard\1\n"	/* with its NUL eight bytes */
#define AWAIT_MS 1000
#define SMALL_MAX (256u << 10)	/* of a file that is read whole */

int
ss_soft_lock(struct ss_softcard *c, const char *dir)
{
	if ((c->dir = strdup(dir)) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	c->lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->lock == -1)
		return ss_fail_errno(dir);
	if (flock(c->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		return ss_fail(SS_EREADER, "the card %s is in use", dir);
	return ss_fail_errno(dir);
}

/* Another process that was ended may not be through with it yet. */
void
ss_soft_await(const char *dir)
{
	const struct timespec nap = { 0, 1000000 };
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), i;

	for (i = 0; i < AWAIT_MS && fd != -1; i++)
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			break;
		else
			nanosleep(&nap, NULL);
	if (fd != -1)
		close(fd);
}

static int
fail_file(const struct ss_softcard *c, const char *name)
{
	char subject[SS_MESSAGE_MAX / 2];
	int e = errno;

	snprintf(subject, sizeof(subject), "%.200s/%s", c->dir, name);
	errno = e;
	return ss_fail_errno(subject);
}

static bool
write_all(int fd, const char *data, size_t len)
{
	ssize_t n;

	for (; len > 0; data += n, len -= (size_t)n)
		if ((n = write(fd, data, len)) == -1 && errno == EINTR)
			n = 0;
		else if (n == -1)
			return false;
	return true;
}

/* Another file in the place of one, in one step. */
int
ss_soft_write_file(const struct ss_softcard *c, const char *name,
    const void *data, size_t len)
{
	char new[32];
	bool good;
	int fd;

	snprintf(new, sizeof(new), "%.20s.new", name);
	fd = openat(c->lock, new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	if (fd == -1) {
		fail_file(c, new);
		return SS_EIO;
	}
	good = write_all(fd, data, len);
	if (close(fd) == -1)
		good = false;
	if (good && renameat(c->lock, new, c->lock, name) == 0)
		return 0;
	fail_file(c, name);
	unlinkat(c->lock, new, 0);
	return SS_EIO;
}

int
ss_soft_read_file(const struct ss_softcard *c, const char *name,
    struct ss_bytes *out)
{
	ssize_t n = -1;
	char *room;
	int fd, r = 0;

	fd = openat(c->lock, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1)
		return fail_file(c, name);
	while (out->len <= SMALL_MAX &&
	    (room = ss_bytes_room(out, 4096)) != NULL) {
		if ((n = read(fd, room, 4096)) <= 0)
			break;
		out->len += (size_t)n;
	}
	if (n == -1 && out->failed == false)
		r = fail_file(c, name);
	else if (out->len > SMALL_MAX)
		r = ss_fail(SS_ECARD, "%s/%s is too large", c->dir, name);
	else
		r = ss_bytes_check(out);
	close(fd);
	return r;
}

static size_t
file_size(const struct ss_card_file *f)
{
	size_t i, n = 0;

	if (f->binary)
		return f->size;
	for (i = 0; i < f->items_count; i++)
		n += 2u + f->items[i].len;
	return n;
}

/* How large the memory is; and the room in which a change is written down. */
static size_t
plan(const struct ss_profile *p, size_t *files, size_t *redo)
{
	size_t i, n;

	*files = 0;
	*redo = sizeof(struct ss_soft_state);
	for (i = 0; i < p->files_count; i++) {
		n = file_size(&p->files[i]);
		*files += n;
		if (n > *redo)
			*redo = n;
	}
	return offsetof(struct ss_soft_memory, files) + *files + *redo;
}

uint8_t *
ss_soft_file(const struct ss_softcard *c, const struct ss_card_file *f,
    size_t *len)
{
	const struct ss_profile *p = c->setup.profile;
	uint8_t *at = c->memory->files;
	size_t i;

	for (i = 0; i < p->files_count; i++) {
		*len = file_size(&p->files[i]);
		if (&p->files[i] == f)
			return at;
		at += *len;
	}
	*len = 0;
	return NULL;
}

/* The value of an item that the maker writes; false when he leaves it blank. */
static bool
maker_wrote(const struct ss_softcard *c, const struct ss_item *item,
    uint8_t *value)
{
	const struct ss_profile *p = c->setup.profile;
	uint8_t identifier[SS_IDENTIFIER_LEN];
	const char *text = NULL;

	if (strcmp(item->name, "identifier") == 0) {
		ss_soft_identifier(c, identifier);
		memcpy(value, identifier, item->len < sizeof(identifier) ?
		    item->len : sizeof(identifier));
		return true;
	}
	if (strcmp(item->name, "version") == 0)
		text = p->match.versions[0];
	else if (strcmp(item->name, "class") == 0)
		text = "1";
	if (text != NULL) {
		memset(value, 0, item->len);
		memcpy(value, text, strlen(text) < item->len ? strlen(text) :
		    item->len);
		return true;
	}
	if (strcmp(item->name, "agency") != 0)
		return false;
	/* The initialising agency: its region's digits, and zeros. */
	memset(value, 0, item->len);
	ss_soft_identifier(c, identifier);
	memcpy(value, identifier, item->len < 3 ? item->len : 3);
	return true;
}

static void
format_file(const struct ss_softcard *c, const struct ss_card_file *f,
    uint8_t *at)
{
	const struct ss_item *item;
	size_t i;

	if (f->binary)
		memset(at, c->setup.fill, f->size);
	for (i = 0; !f->binary && i < f->items_count; i++) {
		item = &f->items[i];
		*at++ = item->tag;
		*at++ = item->len;
		memset(at, c->setup.fill, item->len);
		maker_wrote(c, item, at);
		at += item->len;
	}
}

static void
format_state(const struct ss_profile *p, struct ss_soft_state *s)
{
	int k;

	s->life = SS_LIFE_OPEN;
	s->unblocks = (uint8_t)ss_soft_tries(p->unblock_tries);
	s->pin_tries = (uint8_t)ss_soft_tries(p->pin.tries);
	s->pin_initial = 1;
	s->pin_len = (uint8_t)ss_soft_pin(p->pin.initial, s->pin);
	for (k = 0; k < SS_KEYS; k++)
		s->key_tries[k] = (uint8_t)ss_soft_tries(p->keys[k].tries);
}

int
ss_soft_format(struct ss_softcard *c)
{
	const struct ss_profile *p = c->setup.profile;
	struct ss_soft_memory *m;
	size_t i, files, redo, size = plan(p, &files, &redo);
	uint8_t *at;
	int r;

	if ((m = calloc(1, size)) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	memcpy(m->magic, MAGIC, sizeof(m->magic));
	m->size = (uint32_t)size;
	format_state(p, &m->state);
	for (i = 0, at = m->files; i < p->files_count; i++) {
		format_file(c, &p->files[i], at);
		at += file_size(&p->files[i]);
	}
	if ((r = ss_soft_make_keys(c, m)) == 0)
		r = ss_soft_write_file(c, "memory", m, size);
	ss_wipe(m, size);
	free(m);
	return r;
}

/* What was written down, and perhaps not done, when the process was ended. */
static bool
redo(struct ss_softcard *c)
{
	struct ss_soft_memory *m = c->memory;
	uint32_t len = atomic_load(&m->redo_len);
	size_t low = offsetof(struct ss_soft_memory, state);
	size_t end = (size_t)(c->redo - (uint8_t *)m);

	if (len == 0)
		return true;
	if (len > c->redo_room || m->redo_at < low || m->redo_at > end ||
	    len > end - m->redo_at)
		return false;
	memcpy((uint8_t *)m + m->redo_at, c->redo, len);
	atomic_store(&m->redo_len, 0);
	return true;
}

int
ss_soft_map(struct ss_softcard *c)
{
	size_t files;
	struct stat st;
	void *at = MAP_FAILED;
	int fd;

	c->size = plan(c->setup.profile, &files, &c->redo_room);
	if ((fd = openat(c->lock, "memory", O_RDWR | O_CLOEXEC |
	    O_NONBLOCK)) == -1)
		return fail_file(c, "memory") == SS_EMISSING ?
		    ss_fail_as(SS_ECARD) : SS_EIO;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    (size_t)st.st_size == c->size)
		at = mmap(NULL, c->size, PROT_READ | PROT_WRITE, MAP_SHARED,
		    fd, 0);
	close(fd);
	if (at != MAP_FAILED) {
		c->memory = at;
		c->redo = c->memory->files + files;
		if (memcmp(c->memory->magic, MAGIC, 8) == 0 &&
		    c->memory->size == c->size && redo(c))
			return 0;
	}
	return ss_fail(SS_ECARD, "%s/memory is no memory of a card with "
	    "profile \"%s\"", c->dir, c->setup.profile->name);
}

void
ss_soft_unmap(struct ss_softcard *c)
{
	if (c->memory != NULL)
		munmap(c->memory, c->size);
	c->memory = NULL;
}

/* How long the chip is busy with so many bytes. */
static void
spend(struct ss_softcard *c, size_t len)
{
	size_t page = c->link.page != 0 ? c->link.page : len;

	c->write_ns += (len + page - 1) / page * c->link.write_us *
	    UINT64_C(1000);
}

/* The order of these stores is all there is to it: the process may end
 * between any two of them, and what is mapped stays. */
uint16_t
ss_soft_put(struct ss_softcard *c, void *place, const void *data, size_t len)
{
	struct ss_soft_memory *m = c->memory;

	if (len == 0)
		return 0x9000;
	if (len > c->redo_room)
		return 0x6581;
	memcpy(c->redo, data, len);
	m->redo_at = (uint32_t)((uint8_t *)place - (uint8_t *)m);
	atomic_thread_fence(memory_order_seq_cst);
	atomic_store(&m->redo_len, (uint32_t)len);
	atomic_thread_fence(memory_order_seq_cst);
	memcpy(place, data, len);
	atomic_thread_fence(memory_order_seq_cst);
	atomic_store(&m->redo_len, 0);
	spend(c, len);
	return 0x9000;
}

uint16_t
ss_soft_put_state(struct ss_softcard *c, const struct ss_soft_state *s)
{
	return ss_soft_put(c, &c->memory->state, s, sizeof(*s));
}

uint16_t
ss_soft_put_file(struct ss_softcard *c, uint8_t *place, const void *data,
    size_t len)
{
	if (!ss_soft_hooked(c, SS_HOOK_TEAR, ++c->writes, NULL))
		return ss_soft_put(c, place, data, len);
	c->left = true;
	return ss_soft_put(c, place, data, len / 2);
}
