/* SPDX-License-Identifier: MIT
 *
 * net/key_file.h: reading files with keys, secrets and certificates.
 *
 * A file that holds a secret belongs to us or to root, and nobody else may read
 * it; a group may if it is root's, as of keys that the system keeps for several
 * services.
 *
 * Ownership: the buffer is the caller's, who wipes it.
 * Threads:   any; plain functions that block on the disk.
 */
#ifndef AKT_NET_KEY_FILE_H
#define AKT_NET_KEY_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "vm/base/buf.h"

#define AKT_KEY_FILE_MAX (256u << 10) /* bytes */

struct akt_key_error {
    char *text;
    size_t len;
};

/* All of a file into `out`, which is empty. False: the error's text names the
 * file and says why; `out` is empty. */
bool akt_key_file_read(const char *path, bool secret, struct akt_buf *out,
                       const struct akt_key_error *error);
/* Overwrites the bytes before it frees them. */
void akt_key_file_wipe(struct akt_buf *b);

#endif
