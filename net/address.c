/* SPDX-License-Identifier: MIT */
#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_port(const char *s)
{
    size_t len = strspn(s, "0123456789");
    return len > 0 && len <= 5 && !s[len] && atoi(s) <= 65535;
}

/* The host without brackets; a colon inside needs them. */
static bool take_host(const char *p, size_t len, char out[AKT_HOST_MAX + 1])
{
    bool brackets = len >= 2 && p[0] == '[' && p[len - 1] == ']';
    if (brackets) {
        p++;
        len -= 2;
    }
    if (len > AKT_HOST_MAX || (brackets && len == 0) || memchr(p, '[', len) ||
        memchr(p, ']', len) || (!brackets && memchr(p, ':', len)))
        return false;
    memcpy(out, p, len);
    out[len] = 0;
    return true;
}

bool akt_address_parse(const char *text, struct akt_address *out)
{
    struct akt_address a;
    const char *colon = strrchr(text, ':');
    if (!colon || !is_port(colon + 1) ||
        !take_host(text, (size_t)(colon - text), a.host))
        return false;
    strcpy(a.port, colon + 1);
    *out = a;
    return true;
}

static bool is_mapped(const struct sockaddr *a)
{
    const struct sockaddr_in6 *v6 = (const void *)a;
    return a->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr);
}

void akt_address_show(const struct sockaddr *a, char out[AKT_ADDRESS_TEXT])
{
    char host[INET6_ADDRSTRLEN];
    const struct sockaddr_in *v4 = (const void *)a;
    const struct sockaddr_in6 *v6 = (const void *)a;
    if (a->sa_family == AF_INET &&
        inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host))
        snprintf(out, AKT_ADDRESS_TEXT, "%s:%u", host, ntohs(v4->sin_port));
    else if (is_mapped(a) &&
             inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], host, sizeof host))
        snprintf(out, AKT_ADDRESS_TEXT, "%s:%u", host, ntohs(v6->sin6_port));
    else if (a->sa_family == AF_INET6 &&
             inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host))
        snprintf(out, AKT_ADDRESS_TEXT, "[%s]:%u", host, ntohs(v6->sin6_port));
    else
        strcpy(out, "?:0");
}

bool akt_address_is_loopback(const struct sockaddr *a)
{
    const struct sockaddr_in *v4 = (const void *)a;
    const struct sockaddr_in6 *v6 = (const void *)a;
    if (a->sa_family == AF_INET)
        return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
    if (a->sa_family != AF_INET6)
        return false;
    return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr) ||
           (is_mapped(a) && v6->sin6_addr.s6_addr[12] == 127);
}

bool akt_address_is_any(const struct sockaddr *a)
{
    const struct sockaddr_in *v4 = (const void *)a;
    const struct sockaddr_in6 *v6 = (const void *)a;
    if (a->sa_family == AF_INET)
        return v4->sin_addr.s_addr == htonl(INADDR_ANY);
    return a->sa_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
}

bool akt_socket_is_loopback(int fd)
{
    struct sockaddr_storage here, there;
    socklen_t here_len = sizeof here, there_len = sizeof there;
    return getsockname(fd, (struct sockaddr *)&here, &here_len) == 0 &&
           getpeername(fd, (struct sockaddr *)&there, &there_len) == 0 &&
           akt_address_is_loopback((struct sockaddr *)&here) &&
           akt_address_is_loopback((struct sockaddr *)&there);
}
