/*
 * A session with a card in a reader: which card it is, authentication, reading
 * and writing by its profile. It knows no books.
 */
#ifndef SS_CARD_SESSION_H
#define SS_CARD_SESSION_H

#include "card/reader.h"
#include "trust/keystore.h"

/* What the card says of itself without any key. */
struct ss_identity {
	const struct ss_profile *profile;	/* borrowed */
	uint8_t historical[SS_HISTORICAL_LEN];
	uint8_t identifier[SS_IDENTIFIER_LEN];
	char chip[2 * (SS_HISTORICAL_LEN + 12) + 1];	/* reset bytes and
				 * identifier bytes 1-12, hexadecimal */
	char atr_hex[2 * SS_ATR_MAX + 1];	/* the whole ATR */
	char reset[2 * SS_HISTORICAL_LEN + 1];
	char identifier_hex[2 * SS_IDENTIFIER_LEN + 1];
	char city[7];		/* whose keys it has */
	int cipher_code;	/* of its FCI */
	char version[8];	/* of EF05, "3.00" */
	bool locked;		/* SELECT said that the application is blocked:
				 * as it left its maker, or by an order */
};

/* One session; for struct's sake its members are open, but they are read
 * only. */
struct ss_session {
	struct ss_reader *reader;
	struct ss_keystore *keys;	/* NULL: none */
	struct ss_identity who;
	unsigned held;		/* bits: keys that are authenticated */
	const struct ss_card_file *selected;
	bool real_keys;		/* test keys are refused; to be set, false */
	int key_version;	/* that authenticated; 0: none has */
	/* The last EXTERNAL AUTHENTICATE: tries that the card said are left,
	 * -1 when it said nothing of them; and whether it refused the key. */
	int tries_left;
	bool refused;
};

/*
 * Connects, selects SSSE, reads identifier and version and finds the profile,
 * or checks that it is the one of force (its name; NULL: by the card).
 * SS_ECARD for a card of another kind, which is said as such; SS_EREADER.
 * identifier and version are freely read on every generation. Whatever the
 * code, the connection lasts until ss_session_close.
 */
int ss_session_open(struct ss_session *, struct ss_reader *,
    struct ss_keystore *, const struct ss_profiles *, const char *force);
void ss_session_close(struct ss_session *, bool eject);

/* A whole exchange; the sentence of what is not 9000 begins with what. data
 * is appended to out, which may be NULL. *sw may be NULL; when it is not,
 * status words that are not 9000 are no failure. */
int ss_session_send(struct ss_session *, const struct ss_apdu *,
    const char *what, struct ss_bytes *out, uint16_t *sw);

/*
 * The card is genuine, and our keys are those of its city: INTERNAL
 * AUTHENTICATE with random factors; of several versions in the store the
 * card's is found, for the keys that follow. SS_EAUTH when its answer differs,
 * SS_EMISSING for no such key. No key with a counter is used.
 */
int ss_session_genuine(struct ss_session *);

/*
 * EXTERNAL AUTHENTICATE with a key, unless it is held already. SS_EAUTH,
 * tries_left being set, when the card refuses; SS_EBLOCKED. These keys count:
 * ss_session_genuine goes first, unless it was done or the store has no IRK,
 * and when that fails no try is used up.
 */
int ss_session_authenticate(struct ss_session *, enum ss_card_key);

/* GET CHALLENGE of want bytes, 4, 8 or 16: the process factor of what follows,
 * four bytes being followed by zeros, and of sixteen the first eight. */
int ss_session_challenge(struct ss_session *, size_t want,
    uint8_t factor[SS_FACTOR_LEN]);

/*
 * One item's value, len bytes of the profile, into value; it must be tag, len,
 * value exactly (SS_ECARD). Keys it needs are authenticated first; none in the
 * store is SS_EMISSING.
 */
int ss_session_read_item(struct ss_session *, const struct ss_card_file *,
    const struct ss_item *, uint8_t value[SS_ITEM_LEN_MAX]);

/* All items of a file in their order, with as few commands as the card takes;
 * values has room for items_count of them. */
int ss_session_read_items(struct ss_session *, const struct ss_card_file *,
    uint8_t values[][SS_ITEM_LEN_MAX]);

/* The first len bytes of a transparent file, or those from an offset on,
 * appended. */
int ss_session_read_binary(struct ss_session *, const struct ss_card_file *,
    size_t len, struct ss_bytes *out);
int ss_session_read_binary_at(struct ss_session *, const struct ss_card_file *,
    size_t offset, size_t len, struct ss_bytes *out);

int ss_session_write_item(struct ss_session *, const struct ss_card_file *,
    const struct ss_item *, const uint8_t *value);
int ss_session_write_binary(struct ss_session *, const struct ss_card_file *,
    const void *data, size_t len);

#endif
