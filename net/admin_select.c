/* SPDX-License-Identifier: MIT
 *
 * net/admin_select.c: the actors with the largest figures, kept in a heap of
 * as many as are asked for, so that a million actors cost one pass.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "net/admin_impl.h"

static const char *const words[] = {
    [AKT_SORT_NUMBER] = "number",       [AKT_SORT_MAILBOX] = "mailbox",
    [AKT_SORT_GROWTH] = "growth",       [AKT_SORT_CPU] = "cpu",
    [AKT_SORT_MEMORY] = "memory",       [AKT_SORT_RESTARTS] = "restarts",
    [AKT_SORT_PROCESSED] = "processed",
};

bool akt_sort_find(const char *word, enum akt_sort *sort)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i], word) == 0) {
            *sort = (enum akt_sort)i;
            return true;
        }
    }
    return false;
}

static double figure(const struct akt_row *row, enum akt_sort sort)
{
    switch (sort) {
    case AKT_SORT_MAILBOX:
        return row->mailbox;
    case AKT_SORT_GROWTH:
        return isnan(row->growth) ? -HUGE_VAL : row->growth;
    case AKT_SORT_CPU:
        return isnan(row->cpu) ? 0 : row->cpu;
    case AKT_SORT_MEMORY:
        return (double)row->memory_bytes;
    case AKT_SORT_RESTARTS:
        return row->restarts;
    case AKT_SORT_PROCESSED:
        return (double)row->processed;
    default:
        return 0;
    }
}

/* Whether a stands in front of b; of equals the older one does. */
static bool before(const struct akt_row *a, const struct akt_row *b,
                   enum akt_sort sort)
{
    double x = figure(a, sort), y = figure(b, sort);
    return x != y ? x > y : akt_pid_serial(a->pid) < akt_pid_serial(b->pid);
}

static void swap(struct akt_row *a, struct akt_row *b)
{
    struct akt_row old = *a;
    *a = *b;
    *b = old;
}

/* The heap has the last of the rows at its root. */
static void sift_up(struct akt_select *sel, uint32_t i)
{
    for (uint32_t up; i > 0; i = up) {
        up = (i - 1) / 2;
        if (!before(&sel->rows[up], &sel->rows[i], sel->sort))
            return;
        swap(&sel->rows[up], &sel->rows[i]);
    }
}

static void sift_down(struct akt_select *sel, uint32_t i, uint32_t len)
{
    for (;;) {
        uint32_t last = i;
        for (uint32_t child = 2 * i + 1; child <= 2 * i + 2; child++)
            if (child < len &&
                before(&sel->rows[last], &sel->rows[child], sel->sort))
                last = child;
        if (last == i)
            return;
        swap(&sel->rows[i], &sel->rows[last]);
        i = last;
    }
}

static void offer(struct akt_select *sel, const struct akt_row *row)
{
    if (sel->len < sel->limit) {
        sel->rows[sel->len] = *row;
        sift_up(sel, sel->len++);
    } else if (sel->len && before(row, &sel->rows[0], sel->sort)) {
        sel->rows[0] = *row;
        sift_down(sel, 0, sel->len);
    }
}

/* From a heap with the last one first to rows with the best one first. */
static void put_in_order(struct akt_select *sel)
{
    for (uint32_t n = sel->len; n > 1; n--) {
        swap(&sel->rows[0], &sel->rows[n - 1]);
        sift_down(sel, 0, n - 1);
    }
}

void akt_select(struct akt_scan *s, struct akt_select *sel)
{
    struct akt_row row;
    const struct akt_kind *last = NULL;
    bool wanted = false;
    uint32_t slots = akt_scan_slots(s);
    for (uint32_t i = 1; i < slots; i++) {
        if (!akt_scan_read(s, i, &row))
            continue;
        if (row.kind != last) /* neighbours are often of one kind */
            wanted = !sel->kind || strcmp(row.kind->name, sel->kind) == 0;
        last = row.kind;
        if (!wanted)
            continue;
        sel->matched++;
        offer(sel, &row);
    }
    put_in_order(sel);
}
