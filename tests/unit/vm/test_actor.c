/* SPDX-License-Identifier: MIT
 *
 * The table of actors: slots, generations, limits; mailbox policies.
 */
#include "tests/unit/check_main.h"
#include "vm/actor.h"
#include "vm/base/alloc.h"

static akt_pid use(struct akt_actor_table *t)
{
    akt_pid pid = AKT_PID_NONE;
    struct akt_actor *a = akt_actor_alloc(t, &pid);
    if (!a)
        return AKT_PID_NONE;
    ck_assert_uint_eq(akt_actor_pid(a).bits, 0);
    ck_assert_uint_eq(a->processed, 0);
    ck_assert_int_eq(a->state, AKT_A_FREE);
    ck_assert_ptr_null(akt_actor_find(t, pid));
    a->self = pid;
    atomic_store(&a->pid, pid.bits);
    return pid;
}

static void end(struct akt_actor_table *t, akt_pid pid)
{
    struct akt_actor *a = akt_actor_find(t, pid);
    ck_assert_ptr_nonnull(a);
    atomic_store(&a->pid, 0);
    akt_actor_free(t, a, pid);
    ck_assert_ptr_null(akt_actor_find(t, pid));
    ck_assert_ptr_eq(akt_actor_slot(t, pid), a); /* the record stays */
}

START_TEST(the_first_serial_is_one)
{
    struct akt_actor_table *t = akt_actor_table_create(100);
    for (uint64_t i = 1; i <= 100; i++)
        ck_assert_uint_eq(akt_pid_serial(use(t)), i);
    akt_actor_table_destroy(t);
}
END_TEST

START_TEST(finds_only_who_is_there)
{
    struct akt_actor_table *t = akt_actor_table_create(100);
    akt_pid pid = use(t);
    ck_assert_ptr_nonnull(akt_actor_find(t, pid));
    ck_assert_ptr_null(akt_actor_find(t, AKT_PID_NONE));
    ck_assert_ptr_null(akt_actor_slot(t, AKT_PID_NONE));
    ck_assert_ptr_null(akt_actor_find(
        t, akt_pid_make(2, akt_pid_slot(pid), akt_pid_generation(pid))));
    ck_assert_ptr_null(
        akt_actor_find(t, akt_pid_make(1, akt_pid_slot(pid), 1)));
    ck_assert_ptr_null(akt_actor_find(t, akt_pid_make(1, AKT_PID_SLOT_MAX, 0)));
    akt_actor_table_destroy(t);
}
END_TEST

START_TEST(a_slot_comes_back_with_another_generation)
{
    struct akt_actor_table *t = akt_actor_table_create(100);
    akt_pid first = use(t), second = use(t);
    end(t, first);
    end(t, second);
    /* slots rest a while, then they come in the order they were freed */
    akt_pid again = AKT_PID_NONE;
    int used = 0;
    while (akt_pid_slot(again) != akt_pid_slot(first)) {
        again = use(t);
        ck_assert_uint_ne(again.bits, first.bits);
        ck_assert_uint_ne(akt_pid_slot(again), akt_pid_slot(second));
        end(t, again);
        ck_assert_int_lt(used++, 10000);
    }
    ck_assert_uint_eq(akt_pid_generation(again), 1);
    ck_assert_uint_ne(akt_pid_serial(again), akt_pid_serial(first));
    ck_assert_ptr_null(akt_actor_find(t, first));
    again = use(t);
    ck_assert_uint_eq(akt_pid_slot(again), akt_pid_slot(second));
    ck_assert_ptr_null(akt_actor_find(t, second));
    akt_actor_table_destroy(t);
}
END_TEST

START_TEST(who_has_ended_is_known_until_the_slot_is_used)
{
    struct akt_actor_table *t = akt_actor_table_create(100);
    akt_pid pid = use(t), next = AKT_PID_NONE;
    struct akt_actor *a = akt_actor_slot(t, pid);
    ck_assert(!akt_actor_was(NULL, pid));
    ck_assert(!akt_actor_was(a, pid)); /* it is there */
    atomic_store(&a->processed, 7);
    atomic_store(&a->pid, 0);
    ck_assert(akt_actor_was(a, pid)); /* its parent has not heard of it yet */
    akt_actor_free(t, a, pid);
    ck_assert(akt_actor_was(a, pid));
    while (akt_pid_slot(next) != akt_pid_slot(pid)) {
        next = use(t);
        if (akt_pid_slot(next) != akt_pid_slot(pid))
            end(t, next);
    }
    ck_assert(!akt_actor_was(a, pid));
    end(t, next);
    ck_assert(!akt_actor_was(a, pid));
    ck_assert(akt_actor_was(a, next));
    akt_actor_table_destroy(t);
}
END_TEST

START_TEST(there_is_a_limit)
{
    struct akt_actor_table *t = akt_actor_table_create(50);
    akt_pid last = AKT_PID_NONE;
    for (int i = 0; i < 50; i++)
        last = use(t);
    ck_assert_uint_eq(akt_actor_count(t), 50);
    ck_assert(akt_pid_is_none(use(t)));
    end(t, last);
    ck_assert(!akt_pid_is_none(use(t)));
    ck_assert(akt_pid_is_none(use(t)));
    ck_assert_uint_eq(akt_actor_count(t), 50);
    akt_actor_table_destroy(t);
}
END_TEST

START_TEST(many_slots_are_reused)
{
    int64_t before = akt_alloc_total();
    struct akt_actor_table *t = akt_actor_table_create(10);
    akt_pid kept[9];
    for (int i = 0; i < 9; i++)
        kept[i] = use(t);
    for (int i = 0; i < 50000; i++) {
        int k = i * 7 % 9;
        end(t, kept[k]);
        kept[k] = use(t);
        ck_assert(!akt_pid_is_none(kept[k]));
    }
    /* some rest, but they do not become more */
    ck_assert_uint_le(akt_actor_slots(t), 4096 + 20);
    akt_actor_table_destroy(t);
    ck_assert_int_eq(akt_alloc_total(), before);
}
END_TEST

START_TEST(a_slot_whose_generation_would_wrap_is_retired)
{
    struct akt_actor_table *t = akt_actor_table_create(10);
    akt_pid pid = use(t);
    struct akt_actor *a = akt_actor_find(t, pid);
    /* as after four million actors in this slot */
    akt_pid old = akt_pid_make(AKT_PID_NODE_SELF, akt_pid_slot(pid),
                               AKT_PID_GENERATION_MAX);
    atomic_store(&a->pid, old.bits);
    end(t, old);
    ck_assert_uint_eq(akt_actor_count(t), 0);
    for (int i = 0; i < 20000; i++) {
        akt_pid other = use(t);
        ck_assert_uint_ne(akt_pid_slot(other), akt_pid_slot(old));
        end(t, other);
    }
    akt_actor_table_destroy(t);
}
END_TEST

START_TEST(a_generation_before_the_last_is_used)
{
    struct akt_actor_table *t = akt_actor_table_create(10);
    akt_pid pid = use(t);
    struct akt_actor *a = akt_actor_find(t, pid);
    akt_pid old = akt_pid_make(AKT_PID_NODE_SELF, akt_pid_slot(pid),
                               AKT_PID_GENERATION_MAX - 1);
    atomic_store(&a->pid, old.bits);
    end(t, old);
    akt_pid other = AKT_PID_NONE;
    int i = 0;
    do {
        other = use(t);
        end(t, other);
        ck_assert_int_lt(i++, 20000);
    } while (akt_pid_slot(other) != akt_pid_slot(old));
    ck_assert_uint_eq(akt_pid_generation(other), AKT_PID_GENERATION_MAX);
    akt_actor_table_destroy(t);
}
END_TEST

START_TEST(figures_of_messages_on_the_way_survive_a_change)
{
    struct akt_actor_table *t = akt_actor_table_create(10);
    akt_pid pid = use(t);
    struct akt_actor *a = akt_actor_find(t, pid);
    atomic_store(&a->load_away, AKT_LOAD(100)); /* one is on the way */
    atomic_store(&a->load_here, AKT_LOAD(100));
    atomic_store(&a->edge, 5);
    end(t, pid);
    ck_assert_uint_eq(a->load_away, AKT_LOAD(100));
    ck_assert_uint_eq(a->load_here, 0);
    ck_assert_uint_eq(a->edge, 0);
    akt_actor_table_destroy(t);
}
END_TEST

START_TEST(a_policy_fits_in_a_word)
{
    static const struct akt_mailbox_policy all[] = {
        {1, 1, AKT_FULL_WAIT},
        {AKT_MAILBOX_MAX, AKT_MAILBOX_MAX_KB, AKT_FULL_DROP_OLD},
        {UINT32_MAX, 0x3fffffff, AKT_FULL_ERROR},
        {UINT32_MAX, 0, AKT_FULL_DROP_NEW}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct akt_mailbox_policy p;
        akt_mailbox_unpack(akt_mailbox_pack(&all[i]), &p);
        ck_assert_uint_eq(p.max, all[i].max);
        ck_assert_uint_eq(p.max_kb, all[i].max_kb);
        ck_assert_int_eq(p.full, all[i].full);
    }
}
END_TEST

START_TEST(a_pid_has_three_parts)
{
    akt_pid p = akt_pid_make(0xffff, AKT_PID_SLOT_MAX, AKT_PID_GENERATION_MAX);
    ck_assert_uint_eq(p.bits, UINT64_MAX);
    p = akt_pid_make(1, 77, 5);
    ck_assert_uint_eq(akt_pid_node(p), 1);
    ck_assert_uint_eq(akt_pid_slot(p), 77);
    ck_assert_uint_eq(akt_pid_generation(p), 5);
    ck_assert_uint_eq(akt_pid_serial(p), (5ull << AKT_PID_SLOT_BITS) + 77);
}
END_TEST

START_TEST(a_used_record_is_as_good_as_new)
{
    struct akt_actor_table *t = akt_actor_table_create(100);
    akt_pid pid = use(t);
    struct akt_actor *a = akt_actor_find(t, pid);
    atomic_store(&a->traced, true);
    atomic_store(&a->held_back, true);
    atomic_store(&a->subscribed, true);
    a->ready = a->busy = a->killed = a->in_group = true;
    a->goal = 2;
    a->restarts_in_row = 7;
    end(t, pid);
    ck_assert(!atomic_load(&a->traced) && !atomic_load(&a->held_back));
    ck_assert(!atomic_load(&a->subscribed));
    ck_assert(!a->ready && !a->busy && !a->killed && !a->in_group);
    ck_assert_uint_eq(a->goal, 0);
    ck_assert_uint_eq(a->restarts_in_row, 0);
    akt_actor_table_destroy(t);
}
END_TEST

START_TEST(start_arguments_are_kept)
{
    const char all[] = "\xff\x80\0\1abcdefgh";
    int64_t before = akt_alloc_total();
    for (uint32_t len = 0; len < sizeof all; len++) {
        char near[8];
        uint32_t found = 99;
        struct akt_start_args args = akt_start_args_of(all, len);
        ck_assert_uint_ne(args.word, 0);
        ck_assert_int_eq(akt_alloc_total() == before, len <= 7);
        ck_assert_mem_eq(akt_start_args_bytes(args, near, &found), all, len);
        ck_assert_uint_eq(found, len);
        akt_start_args_free(&args);
        ck_assert_uint_eq(args.word, 0);
        (void)akt_start_args_bytes(args, near, &found);
        ck_assert_uint_eq(found, 0);
        akt_start_args_free(&args); /* none */
    }
    ck_assert_int_eq(akt_alloc_total(), before);
}
END_TEST

CHECK_MAIN("actor", a_used_record_is_as_good_as_new, start_arguments_are_kept,
           the_first_serial_is_one, finds_only_who_is_there,
           a_slot_comes_back_with_another_generation,
           who_has_ended_is_known_until_the_slot_is_used, there_is_a_limit,
           many_slots_are_reused, a_slot_whose_generation_would_wrap_is_retired,
           a_generation_before_the_last_is_used,
           figures_of_messages_on_the_way_survive_a_change,
           a_policy_fits_in_a_word, a_pid_has_three_parts)
