/* SPDX-License-Identifier: MIT
 *
 * vm/stash.c: messages that a handler has laid aside for later.
 */
#include "vm/send.h"

bool akt_stash_has_room(const struct akt_actor *a, const struct akt_msg *m)
{
    uint64_t load = (a->ext ? a->ext->stash_load : 0) + AKT_LOAD(m->size);
    uint64_t bytes = load & ((1ull << AKT_LOAD_BYTES_BITS) - 1);
    struct akt_mailbox_policy policy;
    /* relaxed: set before the pid was published */
    akt_mailbox_unpack(atomic_load_explicit(&a->limit, memory_order_relaxed),
                       &policy);
    if (policy.max == UINT32_MAX)
        return load >> AKT_LOAD_BYTES_BITS <= AKT_LOAD_MAX;
    return load >> AKT_LOAD_BYTES_BITS <= policy.max &&
           bytes <= (uint64_t)policy.max_kb << 10;
}

uint32_t akt_mailbox_unstash(struct akt_isolate *iso, struct akt_actor *a,
                             bool all)
{
    struct akt_actor_ext *ext = a->ext;
    struct akt_msg *reversed = NULL, *m;
    uint32_t n = 0;
    while (ext && (m = ext->stash_first) && (all || n == 0)) {
        ext->stash_first = m->next;
        ext->stash_load -= AKT_LOAD(m->size);
        m->next = reversed;
        reversed = m;
        n++;
    }
    while ((m = reversed)) {
        reversed = m->next;
        akt_mailbox_prepend(iso, a, m);
    }
    return n;
}
