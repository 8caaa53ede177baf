/*
 * The software card's own: what it holds in memory and on disk, and what its
 * parts do for each other. Nobody else includes it.
 */
#ifndef SS_SOFTCARD_SOFTCARD_OWN_H
#define SS_SOFTCARD_SOFTCARD_OWN_H

#include "base/crypto.h"
#include "base/json.h"
#include "softcard/softcard.h"

#define SS_SOFT_COMMANDS 24	/* rows of its table */
#define SS_SOFT_HOOKS 8		/* that wait at a time */
#define SS_SOFT_PIN 8		/* bytes of the longest PIN */
#define SS_SOFT_CHALLENGE 16
#define SS_RECORD_ROOM 256
#define SS_SOFT_DF 5		/* DF01 to DF05 */

enum ss_soft_life {
	SS_LIFE_OPEN,
	SS_LIFE_BLOCKED,	/* the application, until it is unblocked */
	SS_LIFE_LOCKED,		/* the application, for good */
	SS_LIFE_DEAD,		/* the card */
};

/* What changes at once or not at all. */
struct ss_soft_state {
	uint8_t life;		/* enum ss_soft_life */
	uint8_t unblocks;	/* wrong MACs that are left */
	uint8_t pin_tries;
	uint8_t pin_initial;	/* 1: nobody has changed it */
	uint8_t pin_len;	/* bytes of pin */
	uint8_t pin[SS_SOFT_PIN];	/* BCD, filled with F */
	uint8_t key_tries[SS_KEYS];
};

/*
 * The file "memory", mapped. A change is first written down whole behind the
 * files; as long as redo_len is not 0 it has to be done (again).
 */
struct ss_soft_memory {
	char magic[8];
	uint32_t size;		/* of the whole file */
	uint32_t redo_at;	/* in the file */
	_Atomic uint32_t redo_len;
	struct ss_soft_state state;
	uint8_t keys[SS_KEYS][SS_KEY_LEN];
	uint8_t files[];	/* each file's bytes, then room to redo */
};

/* A row: header bytes, and whether P1 and P2 have to be these. */
struct ss_soft_command {
	uint8_t header[SS_HEADER_LEN];
	bool p1, p2;
	enum ss_soft_life until;	/* still done by a card so far gone */
	uint16_t (*run)(struct ss_softcard *, const struct ss_apdu *);
};

enum ss_soft_folder { SS_FOLDER_MF, SS_FOLDER_SSSE, SS_FOLDER_DF };

struct ss_softcard {
	char *dir;		/* for messages */
	int lock;		/* the folder; held by flock */
	struct ss_softcard_setup setup;
	char region[7];
	struct ss_link link;
	struct ss_softcard_hook hooks[SS_SOFT_HOOKS];
	struct ss_softcard_hook later[SS_SOFT_HOOKS];	/* next opening's */
	size_t hooks_count, later_count;
	uint32_t commands, writes;	/* since it was opened */

	struct ss_soft_memory *memory;
	size_t size, redo_room;
	uint8_t *redo;
	uint8_t atr[SS_ATR_MAX];
	size_t atr_len;
	uint8_t historical[SS_HISTORICAL_LEN];
	struct ss_cipher *cipher;
	struct ss_soft_command table[SS_SOFT_COMMANDS];
	size_t table_count;

	/* Until the power goes. */
	bool powered, left;
	enum ss_soft_folder folder;
	const struct ss_card_file *ef;	/* the current one, or NULL */
	unsigned held;		/* bits: keys that were authenticated */
	uint8_t challenge[SS_SOFT_CHALLENGE];
	size_t challenge_len;	/* 0: none; one of another length than the
				 * profile's does not count */
	struct ss_bytes chain;	/* the data of links so far */
	uint8_t chain_header[SS_HEADER_LEN];
	bool chaining;

	/* Of the command at hand, and what is left for GET RESPONSE. */
	uint64_t write_ns;
	uint8_t answer[SS_BINARY_MAX];
	size_t answer_at, answer_len;
	uint16_t answer_sw;
};

/* softcard_store: the folder */
int ss_soft_lock(struct ss_softcard *, const char *dir);
void ss_soft_await(const char *dir);	/* until nobody has its lock */
int ss_soft_write_file(const struct ss_softcard *, const char *name,
    const void *data, size_t len);
int ss_soft_read_file(const struct ss_softcard *, const char *name,
    struct ss_bytes *out);
int ss_soft_format(struct ss_softcard *);	/* memory of a blank card */
int ss_soft_map(struct ss_softcard *);
void ss_soft_unmap(struct ss_softcard *);
/* The bytes of a file, and how many; NULL for a file that isn't its own. */
uint8_t *ss_soft_file(const struct ss_softcard *, const struct ss_card_file *,
    size_t *len);
/* Whole or not at all. A status word: 9000, or 6581. */
uint16_t ss_soft_put(struct ss_softcard *, void *place, const void *data,
    size_t len);
uint16_t ss_soft_put_state(struct ss_softcard *, const struct ss_soft_state *);
/* The same for an EF, whose n-th write a hook may tear. */
uint16_t ss_soft_put_file(struct ss_softcard *, uint8_t *place,
    const void *data, size_t len);

/* softcard_label: card.json, and what is told of a card */
int ss_soft_load(struct ss_softcard *, const struct ss_profiles *);
int ss_soft_save(const struct ss_softcard *);
/* Whether a hook of this kind is for n; it is forgotten, also on disk. */
bool ss_soft_hooked(struct ss_softcard *, enum ss_hook, uint32_t n,
    struct ss_softcard_hook *out);

/* softcard_maker: what a maker does */
int ss_soft_personify(struct ss_softcard *);	/* ATR */
int ss_soft_make_keys(struct ss_softcard *, struct ss_soft_memory *);
void ss_soft_identifier(const struct ss_softcard *,
    uint8_t identifier[SS_IDENTIFIER_LEN]);
size_t ss_soft_pin(const char *digits, uint8_t pin[SS_SOFT_PIN]);
int64_t ss_soft_tries(int64_t tries);		/* as a counter holds them */

/* softcard_cipher: the card's arithmetic, by the profile's settings */
int ss_soft_derive(struct ss_softcard *, enum ss_derive, const uint8_t *key,
    const uint8_t f[SS_FACTOR_LEN], uint8_t out[SS_KEY_LEN]);
int ss_soft_authdata(struct ss_softcard *, enum ss_card_key,
    const uint8_t factor[SS_FACTOR_LEN],
    const uint8_t original[SS_FACTOR_LEN], uint8_t out[SS_AUTH_LEN]);
/* The last four bytes of data, of which there are so many at least, are the
 * MAC of all before them: 9000, 6988, or 6400. */
uint16_t ss_soft_check_mac(struct ss_softcard *, enum ss_card_key,
    const struct ss_apdu *, const uint8_t factor[SS_FACTOR_LEN]);
int ss_soft_decrypt(struct ss_softcard *, enum ss_card_key,
    const uint8_t factor[SS_FACTOR_LEN], const uint8_t *in, size_t len,
    uint8_t *out);

/* softcard_pin */
bool ss_soft_is_pin(const struct ss_softcard *, const uint8_t *, size_t len);
size_t ss_soft_longest(const struct ss_softcard *);	/* bytes */
void ss_soft_set_pin(const struct ss_softcard *, struct ss_soft_state *,
    const uint8_t *pin, size_t len);

/* softcard_apdu: lengths, chains, GET RESPONSE, and the table */
void ss_soft_run(struct ss_softcard *, const void *command, size_t len,
    uint8_t *response, size_t *response_len);
void ss_soft_answer(struct ss_softcard *, const void *data, size_t len);
void ss_soft_forget(struct ss_softcard *);	/* all that power keeps */
void ss_soft_rows(struct ss_softcard *);

/* the commands */
uint16_t ss_soft_select(struct ss_softcard *, const struct ss_apdu *);
uint16_t ss_soft_read_record(struct ss_softcard *, const struct ss_apdu *);
uint16_t ss_soft_update_record(struct ss_softcard *, const struct ss_apdu *);
uint16_t ss_soft_read_binary(struct ss_softcard *, const struct ss_apdu *);
uint16_t ss_soft_update_binary(struct ss_softcard *, const struct ss_apdu *);
uint16_t ss_soft_challenge(struct ss_softcard *, const struct ss_apdu *);
uint16_t ss_soft_internal(struct ss_softcard *, const struct ss_apdu *);
uint16_t ss_soft_external(struct ss_softcard *, const struct ss_apdu *);
uint16_t ss_soft_verify(struct ss_softcard *, const struct ss_apdu *);
uint16_t ss_soft_change_pin(struct ss_softcard *, const struct ss_apdu *);
uint16_t ss_soft_reload_pin(struct ss_softcard *, const struct ss_apdu *);
uint16_t ss_soft_unblock_pin(struct ss_softcard *, const struct ss_apdu *);
uint16_t ss_soft_block(struct ss_softcard *, const struct ss_apdu *);
uint16_t ss_soft_block_forever(struct ss_softcard *, const struct ss_apdu *);
uint16_t ss_soft_unblock(struct ss_softcard *, const struct ss_apdu *);
uint16_t ss_soft_block_card(struct ss_softcard *, const struct ss_apdu *);

#endif
