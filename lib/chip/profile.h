/*
 * Card profiles: all that differs between generations and makers of cards, as
 * data (ss-profile(5)). Every value here is a member of the file; the defaults
 * of the three generations are lib/data/profiles/gen{1,2,3}.json.
 *
 * LD/T 32 itself is not public: files, items and commands are field practice.
 */
#ifndef SS_CHIP_PROFILE_H
#define SS_CHIP_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "chip/arithmetic.h"

#define SS_IDENTIFIER_LEN 16
#define SS_FILES_MAX 8		/* of a profile */
#define SS_ITEMS_MAX 12		/* of a file */
#define SS_VERSIONS_MAX 4
#define SS_NAME_MAX 16		/* of an application, 7816-5 */
#define SS_ITEM_LEN_MAX 64	/* of an item's value */
#define SS_BINARY_MAX 32768	/* of a transparent file: offsets of 15 bits */

/* The keys on a card (CARD.md's table): their words are those of the table. */
enum ss_card_key {
	SS_KEY_IRK,		/* INTERNAL AUTHENTICATE */
	SS_KEY_STK,		/* MACs, PIN reload */
	SS_KEY_UKSSSE,		/* writing SSSE files */
	SS_KEY_BK,		/* application and card block */
	SS_KEY_PUK,		/* before PIN reload and unblock */
	SS_KEY_RKSSSE,		/* reading personal data */
	SS_KEYS,
};

/* What reading or writing needs: a key, or one of these. */
#define SS_ACCESS_FREE (-1)
#define SS_ACCESS_NEVER (-2)

enum ss_item_format {
	SS_FORMAT_B,		/* raw bytes; in text, hexadecimal */
	SS_FORMAT_CN,		/* BCD digits, to the left, filled with F */
	SS_FORMAT_AN,		/* text, to the left, filled with 00 */
};

/* An item: one record tag, len, value of its file. */
struct ss_item {
	const char *name;	/* "number", "birth-date": of messages */
	const char *source;	/* the member it is written from, "card.number";
				 * NULL: it stays what the maker wrote */
	enum ss_item_format format;
	bool encoded;		/* AN in the profile's encoding; else ASCII */
	uint8_t record;		/* its number, from 1 */
	uint8_t tag;
	uint8_t len;		/* of the value, bytes */
	int read;		/* enum ss_card_key, or SS_ACCESS_... */
	int write;
};

struct ss_card_file {
	const char *name;	/* "EF05" */
	uint16_t fid;
	uint8_t sfi;		/* 1 to 30 */
	bool binary;		/* transparent; else records */
	size_t size;		/* of a transparent one, bytes */
	const char *source;	/* of a transparent one: "photo"; or NULL */
	int read, write;	/* of a transparent one; else NEVER */
	struct ss_item items[SS_ITEMS_MAX];	/* the i-th is record i + 1 */
	size_t items_count;		/* 1 at least, of records; else 0 */
};

struct ss_profile {
	const char *name;	/* of the file, without .json */
	const struct ss_value *root;
	int64_t generation;	/* 1, 2, 3 */
	const char *encoding;	/* of names, for iconv: "GBK", "GB18030" */

	/* How a card is known to be of this profile. */
	struct {
		int64_t cipher_code;	/* in the FCI: 1 3DES, 2 SSF33, 3 SM4 */
		const char *versions[SS_VERSIONS_MAX];	/* of EF05; NULLs */
		uint8_t maker[SS_HISTORICAL_LEN];	/* T1...: begins so */
		size_t maker_len;			/* 0: any */
	} match;

	struct {
		uint8_t name[SS_NAME_MAX];	/* of SSSE */
		size_t name_len;
		uint16_t fid;
		bool by_name;		/* SELECT by name, else by fid */
		uint8_t file_p1;	/* of SELECT by FID: 00 or 02 */
	} select;

	/* Files in the order in which they are read; EF05, with the items
	 * "identifier", "version" and "number", is always one of them. */
	struct ss_card_file files[SS_FILES_MAX];
	size_t files_count;

	struct {
		bool short_id;		/* files by SFI, else SELECT by FID */
		bool by_tag;		/* records by tag, else by number */
		bool le_exact;		/* READ RECORD: Le item + 2, else 00 */
		bool many;		/* READ RECORDs from n to the end */
	} records;
	struct {
		int64_t read_chunk;	/* of READ BINARY, 1 to 256 */
		int64_t write_chunk;	/* of UPDATE BINARY, 1 to 255 */
	} binary;
	bool extended;			/* takes extended length (T=1, T=CL) */
	bool contactless;		/* a contactless reader's ATR has the 13
					 * reset bytes too; else not known */

	struct {
		uint8_t internal[SS_HEADER_LEN];	/* 00880000 */
		uint8_t external[SS_HEADER_LEN];	/* P2 is kid */
		int64_t challenge;	/* bytes asked for: 4, 8, 16 */
		int64_t key_version;	/* sent behind the data; 0: it is not */
		bool together;		/* both states are held together */
	} auth;
	struct {
		uint8_t kid;
		int64_t tries;		/* 0: it has no counter */
	} keys[SS_KEYS];
	bool city_prefecture;	/* city of a card: the identifier's first four
				 * digits and 00; else all six */
	struct ss_arithmetic arithmetic;	/* with the orders' headers */
	struct {
		int auth;		/* EXTERNAL AUTHENTICATE before it: enum
					 * ss_card_key, or SS_ACCESS_FREE */
		enum ss_card_key mac;	/* the key of its MAC and PIN */
	} orders[SS_ORDERS];
	int64_t order_challenge;	/* bytes asked for: 4, 8, 16 */
	int64_t unblock_tries;		/* wrong MACs of SS_ORDER_UNBLOCK that
					 * lock the application for good; 0: any
					 * number */
	uint16_t blocked_sw;		/* of a card that is blocked */

	struct {
		uint8_t verify[SS_HEADER_LEN];	/* 00200000 */
		uint8_t change[SS_HEADER_LEN];	/* 805E0100 */
		bool query;		/* VERIFY without data tells tries */
		int64_t min, max;	/* digits */
		int64_t tries;
		const char *initial;
	} pin;

	struct {
		uint8_t fill[2];	/* what a blank file is filled with */
		size_t fills;		/* 1 or 2: of them, any */
	} blank;
	bool identifier_check;	/* write: its last 4 bytes, if FFFFFFFF */
	bool ships_locked;	/* the application is blocked until activated */
};

/* The profiles of a data folder, all loaded; read only, any thread. */
struct ss_profiles;

/* data_dir/profiles/NAME.json. SS_EPOLICY for a fault in one, the sentence
 * naming file, member and cure; SS_EMISSING without any. */
int ss_profiles_open(struct ss_profiles **out, const char *data_dir);
void ss_profiles_close(struct ss_profiles *);

size_t ss_profiles_count(const struct ss_profiles *);
const struct ss_profile *ss_profiles_at(const struct ss_profiles *, size_t);

/* By its name; SS_EMISSING, naming those there are. Borrowed until close. */
int ss_profiles_find(const struct ss_profiles *, const char *name,
    const struct ss_profile **out);

/*
 * The only one that matches a card: its FCI's cipher code (1 where it gives
 * none), its version (len bytes, 00 and blanks behind it not counting) and its
 * historical bytes. One that names a maker goes before one that does not, and
 * before one that names fewer of its bytes. SS_ECARD for none and for two,
 * naming what was looked for, and for SSF33 (2), which is secret.
 */
int ss_profiles_match(const struct ss_profiles *, int cipher_code,
    const void *version, size_t len,
    const uint8_t historical[SS_HISTORICAL_LEN],
    const struct ss_profile **out);

/* A file by its name, an item by its name in any file; NULL. */
const struct ss_card_file *ss_profile_file(const struct ss_profile *,
    const char *name);
const struct ss_item *ss_profile_item(const struct ss_profile *,
    const char *name, const struct ss_card_file **file);

/* "IRK", ...; SS_KEYS for a word that is none. */
const char *ss_card_key_word(enum ss_card_key);
enum ss_card_key ss_card_key_find(const char *word);

/* The region whose city key a card has, six digits and NUL, by the first
 * three bytes of its identifier; SS_ECARD where they are not BCD. */
int ss_profile_city(const struct ss_profile *,
    const uint8_t identifier[SS_IDENTIFIER_LEN], char city[7]);

#endif
