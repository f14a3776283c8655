/* SPDX-License-Identifier: MIT
 *
 * cli/connect.h: finding a node of this machine by its admin socket.
 */
#ifndef AKT_CLI_CONNECT_H
#define AKT_CLI_CONNECT_H

/* `which`: a node's name, the number of its process or the path of its
 * socket; NULL: the only one that answers. Returns a connected socket, or -1
 * after saying why on stderr. */
int cli_connect_fd(const char *which);

#endif
