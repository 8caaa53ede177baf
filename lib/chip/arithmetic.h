/*
 * The arithmetic of cards: what a terminal computes with a key, for 3DES cards
 * (generations 1 and 2) and SM4 cards (generation 3). No input or output.
 *
 * LD/T 32 itself is not public. What every source agrees on is fixed here: the
 * diversifiers, the blocks of a PIN, what a MAC covers. All the rest is a
 * setting, whose default is what drivers of such cards do; the payment-style
 * variants are JR/T 0025 and FMCOS 2.0. SM4 is GB/T 32907, CBC-MAC and retail
 * MAC ISO/IEC 9797-1 algorithms 1 and 3, padding 80 00 its method 2.
 *
 * E is the cipher under the key named, F eight bytes, ~F their complement. All
 * keys are 16 bytes; single DES is a 3DES key with equal halves. Functions
 * fail with SS_EINVALID (what was given) and SS_ECRYPTO (OpenSSL); then their
 * output is zeros. Nothing secret is left behind, neither on the stack nor in
 * the object.
 */
#ifndef SS_CHIP_ARITHMETIC_H
#define SS_CHIP_ARITHMETIC_H

#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"

#define SS_FACTOR_LEN 8		/* diversifier, process factor, challenge */
#define SS_AUTH_LEN 8		/* authentication data */
#define SS_MAC_LEN 4
#define SS_KCV_LEN 3
#define SS_HEADER_LEN 4		/* CLA INS P1 P2 */
#define SS_HISTORICAL_LEN 13	/* T1-T13 of the ATR */
#define SS_PIN_DIGITS_MIN 4
#define SS_PIN_DIGITS_MAX 16
#define SS_MAC_DATA_MAX 251	/* the MAC is in the same Lc */
#define SS_SECURED_MAX (SS_BLOCK_MAX + SS_MAC_LEN)

/* How one key becomes another with eight bytes F. */
enum ss_derive {
	SS_DERIVE_SHORT,	/* 3DES: E(F), single DES; SM4: E(F, zeros) */
	SS_DERIVE_PAIR,		/* 3DES: E(F), E(~F); SM4: E(F, ~F) */
	SS_DERIVE_NONE,		/* it stays what it is */
};

/* How a block is made shorter. */
enum ss_cut {
	SS_CUT_LEFT,		/* its left bytes */
	SS_CUT_FOLD,		/* its parts of that length, XOR */
};

/* What is put behind data to fill the last block. */
enum ss_pad {
	SS_PAD_80,		/* 80 00.., always */
	SS_PAD_80_PARTIAL,	/* 80 00.., unless the last block is full */
	SS_PAD_ZERO,		/* 00.., unless the last block is full */
};

enum ss_mac_start {
	SS_START_ZERO,
	SS_START_CHALLENGE,	/* the factor's first four bytes, then zeros */
};

enum ss_mac_rule {
	SS_MAC_CBC,		/* CBC-MAC by the cipher */
	SS_MAC_RETAIL,		/* left half, last block 3DES; 3DES only */
};

/* Secured commands with nothing but a new PIN and a MAC in their data. */
enum ss_order {
	SS_ORDER_RELOAD_PIN,
	SS_ORDER_UNBLOCK_PIN,
	SS_ORDER_BLOCK,		/* the application, until it is unblocked */
	SS_ORDER_BLOCK_FOREVER,
	SS_ORDER_UNBLOCK,	/* the application */
	SS_ORDER_BLOCK_CARD,
	SS_ORDERS
};

/* The settings, to be filled by ss_arithmetic_init and then changed. */
struct ss_arithmetic {
	enum ss_cipher_name cipher;
	enum ss_derive diversify;	/* master key to card key: PAIR */
	enum ss_derive session;		/* card key to session key: SHORT */
	enum ss_derive mac_key;		/* card key to MAC key: SHORT */
	enum ss_cut auth_cut;		/* FOLD; a 3DES block has 8 bytes */
	enum ss_cut mac_cut;		/* 3DES: LEFT, SM4: FOLD */
	enum ss_mac_start mac_start;	/* ZERO */
	enum ss_mac_rule mac_rule;	/* CBC */
	enum ss_pad pin_pad;		/* 80 */
	enum ss_pad mac_pad;		/* 80 */
	uint8_t header[SS_ORDERS][SS_HEADER_LEN];
};

/* The words of each setting and of the orders, as profiles and key helpers
 * have them, in the order of the enums; NULL at the end. */
extern const char *const ss_derive_words[], *const ss_cut_words[],
    *const ss_start_words[], *const ss_rule_words[], *const ss_pad_words[],
    *const ss_order_words[];

/* The defaults of a cipher. */
void ss_arithmetic_init(struct ss_arithmetic *, enum ss_cipher_name);

/*
 * Where the keys are, and what is done with them there. In memory the 16 bytes
 * of a key are its value; in a token (trust/pkcs11.h) they are what the engine
 * knows it by. Functions return 0 or a code; made is a new key, to be dropped.
 */
struct ss_calc_engine {
	int (*derive)(void *ctx, const uint8_t key[SS_KEY_LEN],
	    const uint8_t in[SS_KEY_LEN],
	    uint8_t made[SS_KEY_LEN]);	/* E(in) */
	int (*left)(void *ctx, const uint8_t key[SS_KEY_LEN],
	    uint8_t made[SS_KEY_LEN]);	/* twice the left half; 3DES alone */
	int (*ecb)(void *ctx, const uint8_t key[SS_KEY_LEN], const void *in,
	    size_t len, void *out);	/* whole blocks; out may be in */
	int (*cbc_mac)(void *ctx, const uint8_t key[SS_KEY_LEN],
	    const uint8_t *iv, const void *data, size_t len,
	    uint8_t *mac);		/* whole blocks, one or more */
	void (*drop)(void *ctx, uint8_t made[SS_KEY_LEN]);
};

/* Settings and an engine to compute with; one thread at a time. */
struct ss_calc;

/* In memory. The settings are copied. SS_EINVALID for the retail MAC with
 * SM4. */
int ss_calc_new(struct ss_calc **out, const struct ss_arithmetic *);
/* By another engine, which is borrowed. */
int ss_calc_over(struct ss_calc **out, const struct ss_arithmetic *,
    const struct ss_calc_engine *, void *ctx);
void ss_calc_free(struct ss_calc *);

/*
 * Diversifiers: of a province from its two digits ("0000sh" follows), of a
 * city from its six ("sx" follows), both SS_EINVALID for other text; of a card
 * the bytes T6-T13 of its ATR.
 */
int ss_diversifier_province(const char *digits, uint8_t f[SS_FACTOR_LEN]);
int ss_diversifier_city(const char *digits, uint8_t f[SS_FACTOR_LEN]);
void ss_diversifier_card(const uint8_t historical[SS_HISTORICAL_LEN],
    uint8_t f[SS_FACTOR_LEN]);

/* One step down: ministry, province, city, card. key may be master. What an
 * engine made it keeps until it is dropped there. */
int ss_calc_diversify(struct ss_calc *, const uint8_t master[SS_KEY_LEN],
    const uint8_t f[SS_FACTOR_LEN], uint8_t key[SS_KEY_LEN]);

/* From here on key is the card's key, factor the process factor: the eight
 * bytes of GET CHALLENGE, a challenge of four being followed by zeros. */
int ss_calc_session(struct ss_calc *, const uint8_t key[SS_KEY_LEN],
    const uint8_t factor[SS_FACTOR_LEN], uint8_t session[SS_KEY_LEN]);

/*
 * Authentication data for EXTERNAL AUTHENTICATE, and what a genuine card
 * answers to INTERNAL AUTHENTICATE: under the session key 3DES E(original),
 * SM4 E(original, zeros) cut to eight bytes.
 */
int ss_calc_auth(struct ss_calc *, const uint8_t key[SS_KEY_LEN],
    const uint8_t factor[SS_FACTOR_LEN],
    const uint8_t original[SS_FACTOR_LEN], uint8_t auth[SS_AUTH_LEN]);

/*
 * The MAC of a command over header, Lc, data and padding, Lc counting the MAC
 * too. data may be NULL when len is 0; SS_EINVALID over SS_MAC_DATA_MAX.
 */
int ss_calc_mac(struct ss_calc *, const uint8_t key[SS_KEY_LEN],
    const uint8_t factor[SS_FACTOR_LEN], const uint8_t header[SS_HEADER_LEN],
    const void *data, size_t len, uint8_t mac[SS_MAC_LEN]);

/* The data field of a secured command; len is its Lc. */
struct ss_secured {
	size_t len;
	uint8_t data[SS_SECURED_MAX];
};

/*
 * The whole data field of an order. A PIN (4 to 16 ASCII digits) is for
 * SS_ORDER_RELOAD_PIN, which must have one, as length, BCD and padding
 * encrypted under the session key; all others have NULL. The header that goes
 * with it is header[order] of the settings.
 */
int ss_calc_order(struct ss_calc *, enum ss_order,
    const uint8_t key[SS_KEY_LEN], const uint8_t factor[SS_FACTOR_LEN],
    const char *pin, struct ss_secured *out);

/* The key check value: the first bytes of E(zeros). It may be shown. */
int ss_calc_kcv(struct ss_calc *, const uint8_t key[SS_KEY_LEN],
    uint8_t kcv[SS_KCV_LEN]);

#endif
