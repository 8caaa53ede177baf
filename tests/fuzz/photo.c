#include <stddef.h>
#include <stdint.h>

#include "rules/photo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ss_photo_zone zone = { 7, 24, 50 };
	struct ss_photo photo;

	ss_photo_measure(data, size, &zone, &photo);
	return 0;
}
