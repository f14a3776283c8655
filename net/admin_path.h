/* SPDX-License-Identifier: MIT
 *
 * net/admin_path.h: where admin sockets are, for the node that listens and for
 * those who look for nodes.
 *
 * The folder is the first of these that there is and that is ours alone:
 * $AKTVM_RUNTIME_DIR (then no other), $XDG_RUNTIME_DIR/aktvm, /tmp/aktvm-UID.
 * In it a socket is called NAME.PID.sock, NAME being that of the node with
 * everything but letters, digits, `_` and `-` replaced by `_`.
 *
 * Threads: [any], but the environment must not change.
 */
#ifndef AKT_NET_ADMIN_PATH_H
#define AKT_NET_ADMIN_PATH_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#define AKT_ADMIN_DIRS 2
#define AKT_ADMIN_NAME 32 /* bytes of the node's name in the file's name */

/* The folders to look into, best first; returns how many. */
int akt_admin_dirs(char dirs[AKT_ADMIN_DIRS][PATH_MAX]);
/* Makes the first folder that can be had. NULL: out is the socket's path, else
 * why there is none (static text). */
const char *akt_admin_path(const char *name, pid_t pid, char out[PATH_MAX]);
/* Whether a file of this name is such a socket; then the two are its parts. */
bool akt_admin_parse(const char *file, char name[AKT_ADMIN_NAME + 1],
                     pid_t *pid);
/* The name as it stands in a file's name. */
void akt_admin_file_name(const char *name, char out[AKT_ADMIN_NAME + 1]);

#endif
