/* SPDX-License-Identifier: MIT
 *
 * When actors change to a newer kind, and when they do not.
 */
#include "tests/unit/vm/play.h"
#include "vm/upgrade.h"

static int failures; /* upgrades that fail from now on */

static enum akt_c_result new_init(struct akt_isolate *iso,
                                  struct akt_actor *self, struct akt_msg *args)
{
    enum akt_c_result result = play_init(iso, self, args);
    play_note("(new)");
    return result;
}

static enum akt_c_result upgrade(struct akt_isolate *iso,
                                 struct akt_actor *self)
{
    (void)iso;
    const char *name = ((struct puppet *)self->host_data)->name;
    if (failures) {
        failures--;
        play_note("%s:refuses", name);
        return AKT_C_FAIL;
    }
    play_note("%s:upgrade", name);
    return AKT_C_DONE;
}

static const struct akt_c_behaviour new_behaviour = {.init = new_init,
                                                     .message = play_message,
                                                     .resume = play_resume,
                                                     .hook = play_hook,
                                                     .upgrade = upgrade};

static struct akt_kind old_kind, new_kind;
static struct puppet a, b;

static void reset(void)
{
    static const struct akt_kind plain =
        PLAY_KIND(AKT_HOOK_INIT, AKT_SUPERVISE_DEFAULT);
    memcpy(&old_kind, &plain, sizeof plain);
    memcpy(&new_kind, &plain, sizeof plain);
    new_kind.data = (void *)(uintptr_t)&new_behaviour;
    a = (struct puppet){.name = "a", .kind = &old_kind};
    b = (struct puppet){.name = "b", .kind = &old_kind};
    failures = 0;
}

/* A scene is played under many seeds. */
static void begin(struct akt_isolate *iso, struct akt_actor *self,
                  struct puppet *p)
{
    atomic_store_explicit(&old_kind.newer, NULL, memory_order_relaxed);
    play_cast(iso, self, p);
}

static void publish(void)
{
    atomic_store_explicit(&old_kind.newer, &new_kind, memory_order_release);
}

static bool all(void *ctx, akt_pid pid, const struct akt_kind *kind,
                bool held_back)
{
    (void)ctx, (void)pid, (void)held_back;
    return kind == &old_kind;
}

static void tell_all(struct akt_isolate *iso)
{
    struct akt_upgrade_scan scan = {all, NULL};
    akt_upgrade_scan(iso->node, &scan);
}

static int before_a_message(struct akt_isolate *iso, struct akt_actor *self,
                            int n)
{
    if (n == 0) {
        begin(iso, self, &a);
        play_tell(iso, self, &a, do_log, NULL, 1);
        return 10;
    }
    if (n > 1)
        return -1;
    publish();
    play_tell(iso, self, &a, do_log, NULL, 2);
    play_tell(iso, self, &a, do_log, NULL, 3);
    return 10;
}

START_TEST(the_next_message_is_for_the_new_kind)
{
    reset();
    play_expect(before_a_message, "a:init a:1 a:upgrade a:2 a:3");
}
END_TEST

static int without_a_message(struct akt_isolate *iso, struct akt_actor *self,
                             int n)
{
    if (n == 0) {
        begin(iso, self, &a);
        b.own_isolate = true;
        play_cast(iso, self, &b);
        return 10;
    }
    if (n > 1)
        return -1;
    publish();
    tell_all(iso);
    return 10;
}

START_TEST(a_note_is_enough)
{
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        reset();
        struct play_outcome o = play(without_a_message, seed);
        ck_assert_int_eq(o.code, 0);
        ck_assert_ptr_nonnull(strstr(play_log, "a:upgrade"));
        ck_assert_ptr_nonnull(strstr(play_log, "b:upgrade"));
    }
}
END_TEST

static int while_it_waits(struct akt_isolate *iso, struct akt_actor *self,
                          int n)
{
    switch (n) {
    case 0:
        begin(iso, self, &a);
        play_tell(iso, self, &a, do_wait, NULL, 100);
        play_tell(iso, self, &a, do_log, NULL, 1);
        return 10;
    case 1:
        publish();
        tell_all(iso);
        return 10;
    case 2:
        play_note("waits");
        return 1000;
    default:
        return -1;
    }
}

START_TEST(a_handler_that_waits_ends_first)
{
    reset();
    play_expect(while_it_waits, "a:init waits a:upgrade a:1");
}
END_TEST

static int refused_once(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        begin(iso, self, &a);
        return 10;
    case 1:
        failures = 1;
        publish();
        play_tell(iso, self, &a, do_log, NULL, 1);
        play_tell(iso, self, &a, do_log, NULL, 2);
        return 10;
    case 2:
        tell_all(iso);
        play_tell(iso, self, &a, do_log, NULL, 3);
        return 10;
    default:
        return -1;
    }
}

START_TEST(one_that_refuses_tries_again_when_it_is_told)
{
    reset();
    play_expect(refused_once, "a:init a:refuses a:1 a:2 a:upgrade a:3");
}
END_TEST

static int restarted(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        a.restart = AKT_PERMANENT;
        begin(iso, self, &a);
        return 10;
    case 1:
        failures = 1;
        publish();
        play_tell(iso, self, &a, do_crash, NULL, 0);
        play_tell(iso, self, &a, do_log, NULL, 1);
        return 1000;
    default:
        return -1;
    }
}

START_TEST(a_restart_takes_the_newest_kind)
{
    reset();
    play_expect(restarted, "a:init a:refuses a:init (new) a:1");
}
END_TEST

CHECK_MAIN("upgrade", the_next_message_is_for_the_new_kind, a_note_is_enough,
           a_handler_that_waits_ends_first,
           one_that_refuses_tries_again_when_it_is_told,
           a_restart_takes_the_newest_kind)
