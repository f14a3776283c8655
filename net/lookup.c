/* SPDX-License-Identifier: MIT
 *
 * Names to addresses. Each lookup has a thread of its own, which is left to
 * itself when it is cancelled: getaddrinfo may take half a minute and cannot be
 * interrupted. (libuv's threads are few, shared with all else, and joined when
 * the process exits.)
 */
#include "net/listen_impl.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "vm/base/alloc.h"

struct akt_lookup {
    struct akt_address address;
    akt_lookup_done done; /* NULL: cancelled; the network thread's */
    void *ctx;
    pthread_mutex_t lock;
    struct akt_listen *to; /* under the lock; NULL: cancelled */
    struct addrinfo *list; /* the lookup's, then the network thread's */
    int error;
};

static void destroy(struct akt_lookup *k)
{
    /* whoever has had the lock is behind it */
    pthread_mutex_lock(&k->lock);
    pthread_mutex_unlock(&k->lock);
    if (k->list)
        freeaddrinfo(k->list);
    pthread_mutex_destroy(&k->lock);
    akt_free(k, sizeof *k);
}

/* [net] */
static void on_found(void *ctx)
{
    struct akt_lookup *k = ctx;
    struct addrinfo *list = k->list;
    k->list = NULL;
    if (k->done)
        k->done(k->ctx, list, list ? "" : gai_strerror(k->error));
    else if (list)
        freeaddrinfo(list);
    destroy(k);
}

static void find(struct akt_lookup *k, int flags)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICSERV | flags};
    k->error = getaddrinfo(k->address.host, k->address.port, &hints, &k->list);
    if (k->error)
        k->list = NULL;
}

/* Under the lock, as the listener may end once it is cancelled. */
static void tell(struct akt_lookup *k)
{
    pthread_mutex_lock(&k->lock);
    bool told = k->to != NULL;
    if (told)
        akt_listen_run(k->to, on_found, k);
    pthread_mutex_unlock(&k->lock);
    if (!told)
        destroy(k);
}

static void *run(void *arg)
{
    struct akt_lookup *k = arg;
    find(k, 0);
    tell(k);
    return NULL;
}

/* Detached; the signals stay blocked as in the network thread. */
static bool start_thread(struct akt_lookup *k)
{
    pthread_t thread;
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    bool ok = pthread_create(&thread, &attr, run, k) == 0;
    pthread_attr_destroy(&attr);
    return ok;
}

struct akt_lookup *akt_lookup_start(struct akt_listen *l,
                                    const struct akt_address *a,
                                    akt_lookup_done done, void *ctx)
{
    struct akt_lookup *k = akt_calloc(sizeof *k);
    k->address = *a;
    k->done = done;
    k->ctx = ctx;
    k->to = l;
    pthread_mutex_init(&k->lock, NULL);
    find(k, AI_NUMERICHOST);
    if (k->error != EAI_NONAME || !a->host[0])
        tell(k);
    else if (!start_thread(k)) {
        k->error = EAI_MEMORY;
        tell(k);
    }
    return k;
}

void akt_lookup_cancel(struct akt_lookup *k)
{
    k->done = NULL;
    pthread_mutex_lock(&k->lock);
    k->to = NULL;
    pthread_mutex_unlock(&k->lock);
}
