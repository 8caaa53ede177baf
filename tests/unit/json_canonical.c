/* The canonical form is jansson's, of whatever was parsed. */
#include <jansson.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "../tap.h"

#define ROUNDS 20000

static unsigned long long state = 88172645463325252ull;

static unsigned
draw(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state % n);
}

static json_t *
make_string(void)
{
	static const char *const parts[] = { "a", "\"", "\\", "\n", "\x01",
		"\x1f", "\x7f", "/", "王", "\U0002070e", "é", "\t", "\b", "\f",
		"\r", "z", "A", "0", " " };
	char text[64] = "";
	unsigned n = draw(6);

	while (n-- > 0)
		strcat(text, parts[draw(sizeof(parts) / sizeof(parts[0]))]);
	return json_string(text);
}

static json_t *
make(int depth)
{
	static const json_int_t limits[] = { 0, -1, INT64_MAX, INT64_MIN,
		(json_int_t)1 << 53, ((json_int_t)1 << 53) + 1 };
	json_t *v, *key;
	unsigned n = draw(30) == 0 ? 40 : draw(5);

	switch (depth == 0 ? draw(6) : draw(9)) {
	case 0:
		return json_null();
	case 1:
		return json_boolean(draw(2));
	case 2:
		return json_integer(limits[draw(6)]);
	case 3:
		return json_real(draw(1000) / 7.0);
	case 4:
	case 5:
		return make_string();
	case 6:
		for (v = json_array(); n-- > 0;)
			json_array_append_new(v, make(depth - 1));
		return v;
	default:
		for (v = json_object(); n-- > 0;) {
			key = make_string();
			json_object_set_new(v, json_string_value(key),
			    make(depth - 1));
			json_decref(key);
		}
		return v;
	}
}

int
main(void)
{
	const size_t flags = JSON_COMPACT | JSON_ENCODE_ANY;
	struct ss_bytes b = { 0 };
	unsigned bad = 0, i;
	json_t *v;
	char *want;

	for (i = 0; i < ROUNDS; i++) {
		v = make(4);
		want = json_dumps(v, flags | JSON_SORT_KEYS);
		ss_bytes_reset(&b);
		if (ss_value_canonical((const struct ss_value *)v, &b) != 0 ||
		    strcmp(b.data, want) != 0) {
			if (bad++ == 0)
				printf("# %s\n# %s\n", b.data, want);
		}
		free(want);
		json_decref(v);
	}
	ok(bad == 0, "%d values are written as jansson writes them", ROUNDS);
	ss_bytes_reset(&b);
	ss_bytes_addc(&b, '{');
	ss_json_canonical_key(&b, "a\n\"");
	ss_bytes_addc(&b, '1');
	ss_json_canonical_key(&b, "b");
	ok(strcmp(b.data, "{\"a\\n\\\"\":1,\"b\":") == 0,
	    "names have their commas");
	ss_bytes_free(&b);
	return done();
}
