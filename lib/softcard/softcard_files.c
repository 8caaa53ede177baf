#include <string.h>

#include "chip/tlv.h"
#include "softcard/softcard_own.h"

#define MF 0x3f00
#define DF1 0xdf01		/* DF01 to DF05 */
#define PSE "1PAY.SYS.DDF01"
#define DF_NAME_LEN 6
#define BY_TAG 0
#define ONE 4			/* the record with number P1 */
#define TO_END 5		/* it and all that follow */

static const uint8_t df_name[] = { 0xd1, 0x56, 0x00, 0x00, 0x05 };

/* --- SELECT */

/* 6F: name, then A5 with the SFI of its directory, with P.'s marks of SSSE. */
static void
answer_fci(struct ss_softcard *c, const void *name, size_t len)
{
	struct ss_bytes own = { 0 }, fci = { 0 }, all = { 0 };
	uint8_t dir = c->folder == SS_FOLDER_SSSE ? 0x1e : 0x01;
	uint8_t issuer[3] = { 0x86, 0x01, 0 };
	int64_t code = c->setup.profile->match.cipher_code;

	ss_tlv_add(&own, SS_TLV_BER, 0x88, &dir, 1);
	issuer[2] = (uint8_t)code;
	/* First cards give no issuer data, which means 3DES. */
	if (c->folder == SS_FOLDER_SSSE &&
	    (c->setup.profile->generation > 1 || code != 1))
		ss_tlv_add(&own, SS_TLV_BER, 0x9f0c, issuer, sizeof(issuer));
	ss_tlv_add(&fci, SS_TLV_BER, 0x84, name, len);
	ss_tlv_add(&fci, SS_TLV_BER, 0xa5, own.data, own.len);
	ss_tlv_add(&all, SS_TLV_BER, 0x6f, fci.data, fci.len);
	ss_soft_answer(c, all.data, all.len);
	ss_bytes_free(&own);
	ss_bytes_free(&fci);
	ss_bytes_free(&all);
}

static void
enter(struct ss_softcard *c, enum ss_soft_folder folder)
{
	c->folder = folder;
	c->ef = NULL;
	c->held = 0;
}

static uint16_t
enter_ssse(struct ss_softcard *c)
{
	const struct ss_profile *p = c->setup.profile;

	enter(c, SS_FOLDER_SSSE);
	if (c->memory->state.life == SS_LIFE_LOCKED)
		return 0x9303;
	answer_fci(c, p->select.name, p->select.name_len);
	return c->memory->state.life == SS_LIFE_BLOCKED ? 0x6283 : 0x9000;
}

static uint16_t
enter_mf(struct ss_softcard *c)
{
	if (c->setup.profile->select.fid == MF)
		return enter_ssse(c);
	enter(c, SS_FOLDER_MF);
	answer_fci(c, PSE, sizeof(PSE) - 1);
	return 0x9000;
}

static uint16_t
enter_df(struct ss_softcard *c, unsigned int n)
{
	uint8_t name[DF_NAME_LEN];

	if (n >= SS_SOFT_DF)
		return 0x6a82;
	memcpy(name, df_name, sizeof(df_name));
	name[DF_NAME_LEN - 1] = (uint8_t)n;
	enter(c, SS_FOLDER_DF);
	answer_fci(c, name, sizeof(name));
	return 0x9000;
}

static uint16_t
select_name(struct ss_softcard *c, const struct ss_apdu *a)
{
	const struct ss_profile *p = c->setup.profile;

	if (a->len == p->select.name_len &&
	    memcmp(a->data, p->select.name, a->len) == 0)
		return enter_ssse(c);
	if (a->len == sizeof(PSE) - 1 && memcmp(a->data, PSE, a->len) == 0)
		return enter_mf(c);
	if (a->len == DF_NAME_LEN &&
	    memcmp(a->data, df_name, sizeof(df_name)) == 0)
		return enter_df(c, a->data[DF_NAME_LEN - 1]);
	return a->len == 0 || a->len > SS_NAME_MAX ? 0x6700 : 0x6a82;
}

/* What a file's own header says: 7816-4, table 12. */
static uint16_t
enter_ef(struct ss_softcard *c, const struct ss_card_file *f)
{
	struct ss_bytes in = { 0 }, all = { 0 };
	uint8_t size[2], kind, fid[2], sfi = (uint8_t)(f->sfi << 3);
	size_t len;

	c->ef = f;
	ss_soft_file(c, f, &len);
	size[0] = (uint8_t)(len >> 8 & 0xff);
	size[1] = (uint8_t)(len & 0xff);
	kind = f->binary ? 0x01 : 0x04;		/* transparent; variable */
	fid[0] = (uint8_t)(f->fid >> 8);
	fid[1] = (uint8_t)(f->fid & 0xff);
	ss_tlv_add(&in, SS_TLV_BER, 0x80, size, sizeof(size));
	ss_tlv_add(&in, SS_TLV_BER, 0x82, &kind, 1);
	ss_tlv_add(&in, SS_TLV_BER, 0x83, fid, sizeof(fid));
	ss_tlv_add(&in, SS_TLV_BER, 0x88, &sfi, 1);
	ss_tlv_add(&all, SS_TLV_BER, 0x6f, in.data, in.len);
	ss_soft_answer(c, all.data, all.len);
	ss_bytes_free(&in);
	ss_bytes_free(&all);
	return c->memory->state.life == SS_LIFE_BLOCKED ? 0x6283 : 0x9000;
}

static uint16_t
select_fid(struct ss_softcard *c, const struct ss_apdu *a)
{
	const struct ss_profile *p = c->setup.profile;
	unsigned int fid = MF;
	size_t i;

	if (a->len != 0 && a->len != 2)
		return 0x6700;
	if (a->len == 2)
		fid = (unsigned int)a->data[0] << 8 | a->data[1];
	for (i = 0; c->folder == SS_FOLDER_SSSE && i < p->files_count; i++)
		if (p->files[i].fid == fid)
			return c->memory->state.life == SS_LIFE_LOCKED ?
			    0x9303 : enter_ef(c, &p->files[i]);
	if (a->p1 != 0)
		return 0x6a82;		/* P1 02: below here alone */
	if (fid == MF)
		return enter_mf(c);
	if (fid == p->select.fid)
		return enter_ssse(c);
	return fid < DF1 ? 0x6a82 : enter_df(c, fid - DF1);
}

/* P2 00 wants the FCI, 0C doesn't. */
uint16_t
ss_soft_select(struct ss_softcard *c, const struct ss_apdu *a)
{
	uint16_t sw;

	if (a->p2 != 0x00 && a->p2 != 0x0c)
		return 0x6a86;
	if (a->p1 == 0x04)
		sw = select_name(c, a);
	else if (a->p1 == 0x00 || a->p1 == 0x02)
		sw = select_fid(c, a);
	else
		return 0x6a86;
	if (a->p2 == 0x0c)
		c->answer_len = 0;
	return sw;
}

/* --- access */

static uint16_t
check_access(const struct ss_softcard *c, int access)
{
	if (access == SS_ACCESS_FREE)
		return 0x9000;
	return access >= 0 && access < SS_KEYS &&
	    (c->held & 1u << access) != 0 ? 0x9000 : 0x6982;
}

/* The file with a short id, or the current one (0), of a kind. */
static uint16_t
find_file(struct ss_softcard *c, unsigned int sfi, bool binary)
{
	const struct ss_profile *p = c->setup.profile;
	const struct ss_card_file *f = c->ef;
	size_t i;

	for (i = 0; sfi != 0 && i < p->files_count; i++)
		if (p->files[i].sfi == sfi)
			break;
	if (sfi != 0) {
		if (c->folder != SS_FOLDER_SSSE || i == p->files_count)
			return 0x6a82;
		f = &p->files[i];
	}
	if (f == NULL)
		return 0x6986;
	if (f->binary != binary)
		return 0x6981;
	c->ef = f;
	return 0x9000;
}

/* --- records */

/* The record that P1 means, from 0; items_count for none. at is where its
 * bytes begin. */
static size_t
find_record(struct ss_softcard *c, const struct ss_apdu *a, uint8_t **at)
{
	const struct ss_card_file *f = c->ef;
	size_t i, len;

	*at = ss_soft_file(c, f, &len);
	for (i = 0; i < f->items_count; i++) {
		if ((a->p2 & 7) == BY_TAG ? f->items[i].tag == a->p1 :
		    f->items[i].record == a->p1)
			break;
		*at += 2u + f->items[i].len;
	}
	return i;
}

/* P2: five bits of SFI, three of what P1 is. */
static uint16_t
start_record(struct ss_softcard *c, const struct ss_apdu *a, bool to_end)
{
	unsigned int how = a->p2 & 7u;

	if ((how != BY_TAG && how != ONE && (how != TO_END || !to_end)) ||
	    a->p2 >> 3 == 31)
		return 0x6a86;
	return find_file(c, a->p2 >> 3, false);
}

uint16_t
ss_soft_read_record(struct ss_softcard *c, const struct ss_apdu *a)
{
	size_t i, last, len = 0;
	uint8_t *at;
	uint16_t sw;

	if (a->len != 0)
		return 0x6700;
	if ((sw = start_record(c, a, true)) != 0x9000)
		return sw;
	if ((i = find_record(c, a, &at)) == c->ef->items_count)
		return 0x6a83;
	last = (a->p2 & 7) == TO_END ? c->ef->items_count - 1 : i;
	for (; i <= last; i++) {
		if ((sw = check_access(c, c->ef->items[i].read)) != 0x9000)
			return sw;
		len += 2u + c->ef->items[i].len;
	}
	ss_soft_answer(c, at, len);
	return 0x9000;
}

/* A record keeps its tag and its length. */
uint16_t
ss_soft_update_record(struct ss_softcard *c, const struct ss_apdu *a)
{
	const struct ss_item *item;
	uint8_t *at;
	size_t i;
	uint16_t sw;

	if (a->len == 0 || a->le != 0)
		return 0x6700;
	if ((sw = start_record(c, a, false)) != 0x9000)
		return sw;
	if ((i = find_record(c, a, &at)) == c->ef->items_count)
		return 0x6a83;
	item = &c->ef->items[i];
	if ((sw = check_access(c, item->write)) != 0x9000)
		return sw;
	if (a->len != 2u + item->len)
		return 0x6700;
	if (a->data[0] != item->tag || a->data[1] != item->len)
		return 0x6a80;
	return ss_soft_put_file(c, at, a->data, a->len);
}

/* --- transparent files */

/* P1 with b8: its low five bits are the SFI, P2 the offset; else both are an
 * offset in the current file. */
static uint16_t
start_binary(struct ss_softcard *c, const struct ss_apdu *a, size_t *offset)
{
	bool sfi = (a->p1 & 0x80) != 0;

	*offset = sfi ? a->p2 : (size_t)a->p1 << 8 | a->p2;
	if (sfi && ((a->p1 & 0x60) != 0 || (a->p1 & 0x1f) == 0 ||
	    (a->p1 & 0x1f) == 31))
		return 0x6a86;
	return find_file(c, sfi ? a->p1 & 0x1fu : 0, true);
}

uint16_t
ss_soft_read_binary(struct ss_softcard *c, const struct ss_apdu *a)
{
	size_t offset, size;
	uint8_t *at;
	uint16_t sw;

	if (a->len != 0)
		return 0x6700;
	if ((sw = start_binary(c, a, &offset)) != 0x9000 ||
	    (sw = check_access(c, c->ef->read)) != 0x9000)
		return sw;
	at = ss_soft_file(c, c->ef, &size);
	if (offset >= size)
		return 0x6b00;
	size -= offset;
	ss_soft_answer(c, at + offset, a->le != 0 && a->le < size ? a->le :
	    size);
	return 0x9000;
}

uint16_t
ss_soft_update_binary(struct ss_softcard *c, const struct ss_apdu *a)
{
	size_t offset, size;
	uint8_t *at;
	uint16_t sw;

	if (a->len == 0 || a->le != 0)
		return 0x6700;
	if ((sw = start_binary(c, a, &offset)) != 0x9000 ||
	    (sw = check_access(c, c->ef->write)) != 0x9000)
		return sw;
	at = ss_soft_file(c, c->ef, &size);
	if (offset >= size)
		return 0x6b00;
	if (a->len > size - offset)
		return 0x6a84;
	return ss_soft_put_file(c, at + offset, a->data, a->len);
}
