/* SPDX-License-Identifier: MIT
 *
 * vm/disk.h: the files of a simulated world. What the program writes is kept
 * in memory and seen by its reads; the machine's files are read where the
 * program has not written, and never changed.
 *
 * Names are made absolute and plain (no `.`, `..`, `//`); symbolic links are
 * not followed. There are no permissions, and directories are those of the
 * machine.
 *
 * Errors:    negative errno.
 * Ownership: a handle keeps its file's bytes, also when the name is gone.
 * Threads:   one at a time.
 */
#ifndef AKT_VM_DISK_H
#define AKT_VM_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define AKT_DISK_MAX (1ull << 30) /* bytes in all files together: ENOSPC */

struct akt_buf;
struct akt_disk;
struct akt_disk_handle;

struct akt_disk *akt_disk_create(void);
/* All handles must be closed. */
void akt_disk_destroy(struct akt_disk *d); /* NULL allowed */

/* By a mode of fopen. 0; AKT_DISK_ELSEWHERE: it is to be opened as it is, on
 * the machine; or an error. */
#define AKT_DISK_ELSEWHERE 1
int akt_disk_open(struct akt_disk *d, const char *path, const char *mode,
                  struct akt_disk_handle **out);
/* A file without a name, as by mode "w+". */
struct akt_disk_handle *akt_disk_open_nameless(struct akt_disk *d);
void akt_disk_close(struct akt_disk_handle *h);
ssize_t akt_disk_read(struct akt_disk_handle *h, char *to, size_t len);
/* All or an error. */
ssize_t akt_disk_write(struct akt_disk_handle *h, const char *from, size_t len);
/* As lseek; *offset gets the new place. */
int akt_disk_seek(struct akt_disk_handle *h, int64_t *offset, int whence);

int akt_disk_remove(struct akt_disk *d, const char *path);
int akt_disk_rename(struct akt_disk *d, const char *from, const char *to);
/* Makes an empty file with a new name. */
void akt_disk_tmpname(struct akt_disk *d, struct akt_buf *name);
/* All bytes of a file the program has written. 0, -ENOENT when it has removed
 * it, or AKT_DISK_ELSEWHERE. */
int akt_disk_load(struct akt_disk *d, const char *path, struct akt_buf *out);

#endif
