/* SPDX-License-Identifier: MIT
 *
 * Two channels with a secret, and between them somebody who passes on, changes,
 * drops and adds bytes as the input says. Whatever that is: what one reads is a
 * beginning of what the other wrote, or the channel has failed. The input is
 * pairs of bytes: what is done, and how much.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/channel.h"

#define OPS_MAX 64
#define SAY 40 /* bytes each time */

struct side {
    struct akt_channel *c;
    int wire; /* the other end of its socket */
    uint8_t said, heard;
};

static struct akt_tls *tls;

static void require(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "fuzz_channel: %s\n", what);
    abort();
}

static void init(void)
{
    char path[] = "/tmp/akt-fuzz-XXXXXX", text[200];
    int fd = mkstemp(path);
    require(fd >= 0 && write(fd, "0123456789abcdef", 16) == 16, path);
    tls = akt_tls_create(&(struct akt_tls_config){.secret = path, .rekey = 2},
                         text, sizeof text);
    require(tls != NULL, text);
    close(fd);
    unlink(path);
}

static void open_side(struct side *s, bool opener)
{
    int fd[2];
    require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) == 0,
            "no sockets");
    *s = (struct side){akt_channel_create(fd[0], tls, opener), fd[1]};
}

static void close_side(struct side *s)
{
    akt_channel_destroy(s->c);
    close(s->wire);
}

/* ---- the two ---- */

static void say(struct side *s)
{
    char p[SAY];
    struct iovec v[2] = {{p, 7}, {p + 7, SAY - 7}};
    for (int i = 0; i < SAY; i++)
        p[i] = (char)(s->said + i);
    ssize_t n = akt_channel_write(s->c, v, 2);
    require(n <= SAY, "more was written than there was");
    s->said = (uint8_t)(s->said + (n > 0 ? n : 0));
}

static void listen_to(struct side *s)
{
    uint8_t p[100];
    ssize_t n = akt_channel_read(s->c, (char *)p, sizeof p);
    for (ssize_t i = 0; i < n; i++)
        require(p[i] == s->heard++, "something else was read");
    require(n != 0 || !akt_channel_has_pending(s->c), "pending behind 0");
}

static void step(struct side *s)
{
    enum akt_channel_state state = akt_channel_shake(s->c);
    require((state == AKT_CHANNEL_FAILED) == (*akt_channel_error(s->c) != 0),
            "failed without a reason");
    if (state != AKT_CHANNEL_OPEN)
        return;
    say(s);
    listen_to(s);
}

/* ---- the one between ---- */

static void pass(struct side *from, struct side *to, size_t max, uint8_t change)
{
    char p[4096];
    ssize_t n = recv(from->wire, p, max < sizeof p ? max : sizeof p, 0);
    if (n <= 0)
        return;
    p[n - 1] ^= (char)change;
    send(to->wire, p, (size_t)n, MSG_NOSIGNAL);
}

static void meddle(struct side *from, struct side *to, uint8_t op, uint8_t n)
{
    char p[256] = {0};
    if (op < 4)
        pass(from, to, (n + 1u) * 16u, 0);
    else if (op == 4)
        pass(from, to, n % 64u + 1u, (uint8_t)(1 << n / 64));
    else if (op == 5)
        send(to->wire, &n, 1, MSG_NOSIGNAL);
    else if (op == 6)
        require(recv(from->wire, p, n, 0) <= n, "recv");
    else
        shutdown(to->wire, SHUT_WR);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct side a, b;
    if (!tls)
        init();
    open_side(&a, true);
    open_side(&b, false);
    for (size_t i = 0; i + 1 < size && i < 2 * OPS_MAX; i += 2) {
        bool back = data[i] & 8;
        step(&a);
        step(&b);
        meddle(back ? &b : &a, back ? &a : &b, data[i] & 7, data[i + 1]);
    }
    step(&a);
    step(&b);
    close_side(&a);
    close_side(&b);
    return 0;
}
