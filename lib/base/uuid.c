#include <string.h>

#include "base/crypto.h"
#include "base/text.h"
#include "base/uuid.h"

int
ss_uuid_make(struct ss_uuid_maker *maker, ss_instant now,
    char out[SS_UUID_MAX])
{
	uint8_t b[16], i;
	char hex[33];
	int r;

	if ((r = ss_random(b + 6, 10)) != 0)
		return r;
	if (now > maker->last) {
		maker->last = now;
		maker->counter = (uint16_t)((b[6] << 8 | b[7]) & 0x7ff);
	} else if (++maker->counter > 0xfff) {
		maker->last++;
		maker->counter = 0;
	}
	for (i = 0; i < 6; i++)
		b[i] = (uint8_t)(maker->last >> (40 - 8 * i));
	b[6] = (uint8_t)(0x70 | maker->counter >> 8);
	b[7] = (uint8_t)maker->counter;
	b[8] = (uint8_t)(0x80 | (b[8] & 0x3f));
	ss_hex(b, sizeof(b), hex);
	memcpy(out, hex, 8);
	memcpy(out + 9, hex + 8, 4);
	memcpy(out + 14, hex + 12, 4);
	memcpy(out + 19, hex + 16, 4);
	memcpy(out + 24, hex + 20, 12);
	out[8] = out[13] = out[18] = out[23] = '-';
	out[36] = '\0';
	return 0;
}
