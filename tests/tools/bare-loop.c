/*
 * bare-loop: the least that any program has to do with the files of records.
 * Each line of the list names a photo and any number of documents; every file
 * is read and digested (SM3), every photo decoded, and no more. With --copy
 * each file is also written under its digest. Prints how many records.
 */
#include <sys/stat.h>

#include <err.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jpeglib.h>
#include <openssl/evp.h>

enum { JOBS_MAX = 64 };

static const char *copy_dir;
static char **records;		/* the lines of the list */
static size_t record_count;

/* One thread: its share of the records, and what it works with. */
struct share {
	pthread_t thread;
	size_t first, end;
	EVP_MD *md;
	EVP_MD_CTX *ctx;
	unsigned char *data;
	size_t len, cap;
};

static void
read_file(struct share *s, const char *path)
{
	struct stat st;
	ssize_t n;
	int fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1 ||
	    fstat(fd, &st) == -1)
		err(1, "%s", path);
	s->len = (size_t)st.st_size;
	if (s->len > s->cap) {
		s->cap = s->len;
		if ((s->data = realloc(s->data, s->cap)) == NULL)
			err(1, NULL);
	}
	n = read(fd, s->data, s->len);
	if (n == -1 || (size_t)n != s->len)
		err(1, "%s", path);
	close(fd);
}

static void
digest(struct share *s, unsigned char md[EVP_MAX_MD_SIZE])
{
	if (EVP_DigestInit_ex2(s->ctx, s->md, NULL) != 1 ||
	    EVP_DigestUpdate(s->ctx, s->data, s->len) != 1 ||
	    EVP_DigestFinal_ex(s->ctx, md, NULL) != 1)
		errx(1, "SM3");
}

/*
 * To its last row; libjpeg's own handlers end the program at a fault. The row
 * lies at an odd address, as in photo.c, or the limit would be a low one.
 */
static void
decode(const struct share *s)
{
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr error;
	JSAMPROW row;

	jpeg.err = jpeg_std_error(&error);
	jpeg_create_decompress(&jpeg);
	jpeg_mem_src(&jpeg, s->data, (unsigned long)s->len);
	jpeg_read_header(&jpeg, TRUE);
	jpeg.out_color_space = JCS_RGB;
	jpeg_start_decompress(&jpeg);
	row = (JSAMPROW)(*jpeg.mem->alloc_large)((j_common_ptr)&jpeg,
	    JPOOL_IMAGE, 1 + (size_t)jpeg.output_width *
	    (size_t)jpeg.output_components);
	row++;
	while (jpeg.output_scanline < jpeg.output_height)
		jpeg_read_scanlines(&jpeg, &row, 1);
	jpeg_finish_decompress(&jpeg);
	jpeg_destroy_decompress(&jpeg);
}

/* A file that is there already is not written again. */
static void
copy(const struct share *s, const unsigned char *md)
{
	char path[4096];
	int fd, n, i;

	n = snprintf(path, sizeof(path) - 65, "%s/", copy_dir);
	for (i = 0; i < 32; i++)
		n += snprintf(path + n, 3, "%02x", md[i]);
	if ((fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    0600)) == -1)
		return;
	if (write(fd, s->data, s->len) != (ssize_t)s->len || close(fd) == -1)
		err(1, "%s", path);
}

static void *
work(void *arg)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	struct share *s = arg;
	char *path, *save;
	size_t i;

	if ((s->md = EVP_MD_fetch(NULL, "SM3", NULL)) == NULL ||
	    (s->ctx = EVP_MD_CTX_new()) == NULL)
		errx(1, "SM3");
	for (i = s->first; i < s->end; i++) {
		path = strtok_r(records[i], " ", &save);
		read_file(s, path);
		decode(s);
		for (; path != NULL; path = strtok_r(NULL, " ", &save)) {
			if (path != records[i])
				read_file(s, path);
			digest(s, md);
			if (copy_dir != NULL)
				copy(s, md);
		}
	}
	EVP_MD_CTX_free(s->ctx);
	EVP_MD_free(s->md);
	free(s->data);
	return NULL;
}

static void
read_list(const char *name)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	FILE *f;

	if ((f = fopen(name, "r")) == NULL)
		err(1, "%s", name);
	while ((n = getline(&line, &cap, f)) > 1) {
		line[n - 1] = '\0';
		records = realloc(records,
		    (record_count + 1) * sizeof(*records));
		if (records == NULL ||
		    (records[record_count++] = strdup(line)) == NULL)
			err(1, NULL);
	}
	free(line);
	fclose(f);
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "jobs", required_argument, NULL, 'j' },
		{ "copy", required_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	struct share shares[JOBS_MAX] = { { 0 } };
	size_t jobs = 1, i;
	int c;

	while ((c = getopt_long(argc, argv, "j:", longs, NULL)) != -1) {
		if (c == 'j')
			jobs = strtoul(optarg, NULL, 10);
		else if (c == 'c')
			copy_dir = optarg;
		else
			return 2;
	}
	if (optind + 1 != argc || jobs < 1 || jobs > JOBS_MAX)
		errx(2, "usage: bare-loop [-j N] [--copy DIR] LIST");
	read_list(argv[optind]);
	for (i = 0; i < jobs; i++) {
		shares[i].first = record_count * i / jobs;
		shares[i].end = record_count * (i + 1) / jobs;
		if (i > 0 && pthread_create(&shares[i].thread, NULL, work,
		    &shares[i]) != 0)
			errx(1, "cannot start a thread");
	}
	work(&shares[0]);
	for (i = 1; i < jobs; i++)
		pthread_join(shares[i].thread, NULL);
	printf("%zu\n", record_count);
	for (i = 0; i < record_count; i++)
		free(records[i]);
	free(records);
	return 0;
}
