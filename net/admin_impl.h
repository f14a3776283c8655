/* SPDX-License-Identifier: MIT
 *
 * net/admin_impl.h: what the commands of the admin socket share. All on the
 * admin thread.
 *
 * Actors are looked at from outside: everything read of a record is one of the
 * fields that any thread may read (vm/actor.h), so a figure may be old, and
 * those of one row may be of slightly different moments. Nobody is stopped.
 */
#ifndef AKT_NET_ADMIN_IMPL_H
#define AKT_NET_ADMIN_IMPL_H

#include "net/admin_parts.h"
#include "vm/health.h"
#include "vm/base/buf.h"

/* The figures of the look before, by slot. */
struct akt_sample {
    uint32_t generation;
    uint32_t mailbox;
    uint32_t cpu_us;
};

struct akt_samples {
    struct akt_sample *slots;
    uint32_t len;
    uint64_t taken_ns; /* 0: never */
    struct akt_node_stats stats;
    uint64_t busy_us[AKT_WORKERS_MAX];
};

/* Younger ones are kept: rates over less are noise. */
#define AKT_SAMPLE_MS 100

struct akt_row {
    akt_pid pid;
    const struct akt_kind *kind;
    akt_pid parent;
    const char *state;
    enum akt_health_status health;
    const char *name; /* set by akt_rows_name; NULL: none */
    uint64_t processed;
    uint64_t memory_bytes;
    double growth, cpu; /* NAN: there is no look before */
    double age_s;
    uint32_t mailbox, restarts, isolate;
};

/* One look at all actors. */
struct akt_scan {
    struct akt_node *node;
    struct akt_samples *samples;
    uint64_t now_ns;
    uint64_t breath_ns;                /* when it last let others run */
    double interval_s;                 /* since the look before; 0: none */
    bool keep;                         /* this look becomes the look before */
    uint64_t running[AKT_WORKERS_MAX]; /* pids whose turn it is; 0: none */
};

void akt_scan_begin(struct akt_scan *s, struct akt_node *node,
                    struct akt_samples *samples);
/* False: there is no live actor in this slot. */
bool akt_scan_read(struct akt_scan *s, uint32_t slot, struct akt_row *row);
void akt_scan_end(struct akt_scan *s);
uint32_t akt_scan_slots(const struct akt_scan *s);

/* The registered names of some rows; freed by akt_rows_fini. */
void akt_rows_name(struct akt_node *node, struct akt_row *rows, uint32_t len);
void akt_rows_fini(struct akt_row *rows, uint32_t len);
json_t *akt_row_json(const struct akt_row *row);

/* What `ps` selects: the `limit` rows with the largest figure. */
enum akt_sort {
    AKT_SORT_NUMBER,
    AKT_SORT_MAILBOX,
    AKT_SORT_GROWTH,
    AKT_SORT_CPU,
    AKT_SORT_MEMORY,
    AKT_SORT_RESTARTS,
    AKT_SORT_PROCESSED
};

struct akt_select {
    enum akt_sort sort;
    uint32_t limit;
    const char *kind;     /* NULL: any */
    struct akt_row *rows; /* out: the best first, limit places */
    uint32_t len;         /* out */
    uint64_t matched;     /* out: actors of this kind */
};

bool akt_sort_find(const char *word, enum akt_sort *sort);
void akt_select(struct akt_scan *s, struct akt_select *sel);

/* args[key]: a number of 0 to max; *out stays as it is when there is none.
 * False: bad, and the call has been answered. */
bool akt_args_number(struct akt_admin_call *call, json_t *args, const char *key,
                     uint32_t max, uint32_t *out);
/* args.pid: a number, a registered name or a path. False: there is no such
 * actor, and the call has been answered. */
bool akt_args_pid(struct akt_admin_call *call, json_t *args, akt_pid *pid);
/* "/user/main/counter#12"; empty when it is dead. */
void akt_admin_actor_path(struct akt_node *node, akt_pid pid,
                          struct akt_buf *out);

#endif
