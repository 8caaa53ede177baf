/*
 * The file store: photos and documents under their SM3, in a folder that
 * stations share or sync. A file is DIR/ab/cd/ef... (64 digits in all), mode
 * 0600, in folders of mode 0700; it appears whole or not at all, and equal
 * content is kept once.
 */
#ifndef SS_BASE_FILES_H
#define SS_BASE_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/crypto.h"

struct ss_files;

/* Makes the folders that a path goes through, mode 0700; the path is left as
 * it was. SS_EIO. */
int ss_folders_make(char *path);

/*
 * A file of its own beside the store: it appears whole, mode 0600, and is
 * durable on return. One that is there is left as it is, unless it is to be
 * replaced. SS_EIO, with the path; SS_EMEMORY.
 */
int ss_file_write(const char *path, const void *data, size_t len,
    bool replace);

/* The same with a mode: one that is there is replaced, or is SS_EEXISTS. */
int ss_file_replace(const char *path, const void *data, size_t len,
    unsigned mode);
int ss_file_make(const char *path, const void *data, size_t len,
    unsigned mode);

/* Nothing is made before the first file is put. dir is copied. */
int ss_files_open(struct ss_files **out, const char *dir);
void ss_files_close(struct ss_files *);

const char *ss_files_dir(const struct ss_files *);

/* Stores len bytes whose digest is sm3; any thread. SS_EIO, with the path. */
int ss_files_put(struct ss_files *, const char *sm3, const void *data,
    size_t len);

/*
 * Appends a stored file of at most max bytes; any thread. SS_EMISSING,
 * SS_EIO, SS_EINVALID when it is longer.
 */
int ss_files_get(struct ss_files *, const char *sm3, size_t max,
    struct ss_bytes *out);

/* Makes all that was put durable: one call a group, not one a file. */
int ss_files_sync(struct ss_files *);

/* Makes the name of a file durable, which it is when its folder is. SS_EIO. */
int ss_folder_sync(const char *path);

#endif
