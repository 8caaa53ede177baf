/*
 * Laid over a command with LD_PRELOAD: its random bytes are always the same,
 * so that it says the same to a card each time and a card that computes
 * nothing (replay-card) can answer.
 */
#include <string.h>

int RAND_bytes(unsigned char *out, int len);

int
RAND_bytes(unsigned char *out, int len)
{
	if (len > 0)
		memset(out, 0x5a, (size_t)len);
	return 1;
}
