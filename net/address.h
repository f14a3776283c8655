/* SPDX-License-Identifier: MIT
 *
 * net/address.h: HOST:PORT as text and as socket addresses.
 *
 *     127.0.0.1:7001     [::1]:7001     n2.example:7001     :7001
 *
 * Threads: any; plain functions that do not block.
 */
#ifndef AKT_NET_ADDRESS_H
#define AKT_NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define AKT_HOST_MAX 253 /* bytes, as of a name in the DNS */

struct akt_address {
    char host[AKT_HOST_MAX + 1]; /* "": all of this machine */
    char port[6];                /* decimal, 0 to 65535 */
};

/* False: that is none. */
bool akt_address_parse(const char *text, struct akt_address *out);
/* "127.0.0.1:7001", "[::1]:7001"; an IPv4 address within IPv6 as such; "?:0" if
 * it is neither of these families. */
#define AKT_ADDRESS_TEXT 64
void akt_address_show(const struct sockaddr *a, char out[AKT_ADDRESS_TEXT]);
/* 127.0.0.0/8, also as an IPv6 address, and ::1. */
bool akt_address_is_loopback(const struct sockaddr *a);
/* 0.0.0.0 and ::, all of this machine. */
bool akt_address_is_any(const struct sockaddr *a);
/* Whether both ends of a socket are loopback. */
bool akt_socket_is_loopback(int fd);

#endif
