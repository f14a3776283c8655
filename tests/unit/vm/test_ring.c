/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check_main.h"
#include "vm/cactor.h"
#include "vm/send.h"
#include "vm/spawn.h"

#define ACTORS 100

static uint64_t hops_left;
static uint64_t hops_done;

struct ring {
    akt_pid next;
};

static void send_token(struct akt_isolate *iso, struct akt_actor *self,
                       akt_pid to, uint64_t left)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, sizeof left);
    memcpy(m->body, &left, sizeof left);
    m->sender = self->self;
    m->target = to;
    enum akt_full full;
    ck_assert_int_eq(akt_send(iso, m, &full), AKT_OK);
}

static enum akt_c_result member_init(struct akt_isolate *iso,
                                     struct akt_actor *self,
                                     struct akt_msg *args)
{
    (void)iso;
    struct ring *r = malloc(sizeof *r);
    memcpy(&r->next, args->body, sizeof r->next);
    self->host_data = r;
    return AKT_C_DONE;
}

static enum akt_c_result member_message(struct akt_isolate *iso,
                                        struct akt_actor *self,
                                        struct akt_msg *m)
{
    struct ring *r = self->host_data;
    uint64_t left;
    memcpy(&left, m->body, sizeof left);
    if (akt_pid_is_none(r->next)) { /* the first one learns its next */
        memcpy(&r->next, m->body, sizeof r->next);
        return AKT_C_DONE;
    }
    hops_done++;
    if (left)
        send_token(iso, self, r->next, left - 1);
    return AKT_C_DONE;
}

static void member_forget(struct akt_isolate *iso, struct akt_actor *self,
                          bool final)
{
    (void)iso;
    (void) final;
    free(self->host_data);
    self->host_data = NULL;
}

static const struct akt_c_behaviour member = {
    .init = member_init, .message = member_message, .forget = member_forget};
static const struct akt_kind member_kind = {"member",
                                            &akt_c_host,
                                            false,
                                            0,
                                            {65536, 65536, AKT_FULL_WAIT},
                                            AKT_SUPERVISE_DEFAULT,
                                            (void *)(uintptr_t)&member};

static akt_pid spawn_member(struct akt_isolate *iso, struct akt_actor *self,
                            akt_pid next)
{
    struct akt_msg *args = akt_msg_new(AKT_MSG_START, sizeof next);
    memcpy(args->body, &next, sizeof next);
    struct akt_spawn req = {.kind = &member_kind, .args = args};
    akt_pid pid;
    ck_assert_int_eq(akt_spawn(iso, self, &req, &pid), AKT_OK);
    return pid;
}

static enum akt_c_result main_init(struct akt_isolate *iso,
                                   struct akt_actor *self, struct akt_msg *args)
{
    (void)args;
    akt_pid first = spawn_member(iso, self, AKT_PID_NONE), next = first;
    for (int i = 1; i < ACTORS; i++)
        next = spawn_member(iso, self, next);
    send_token(iso, self, first, next.bits); /* teach */
    send_token(iso, self, first, hops_left);
    return AKT_C_DONE;
}

static const struct akt_c_behaviour main_behaviour = {.init = main_init};
static const struct akt_kind main_kind = {"main",
                                          &akt_c_host,
                                          false,
                                          0,
                                          {65536, 65536, AKT_FULL_WAIT},
                                          AKT_SUPERVISE_DEFAULT,
                                          (void *)(uintptr_t)&main_behaviour};

static void run_ring(struct akt_config config, uint64_t hops)
{
    hops_left = hops;
    hops_done = 0;
    struct akt_node *node = akt_node_create(&config);
    akt_node_main(node, &main_kind, NULL, akt_msg_new(AKT_MSG_START, 0));
    ck_assert_int_eq(akt_node_run(node), 0);
    ck_assert_uint_eq(hops_done, hops + 1);
    akt_node_destroy(node);
}

START_TEST(goes_round_on_threads)
{
    run_ring((struct akt_config){.workers = 2}, 100000);
}
END_TEST

START_TEST(goes_round_in_simulation)
{
    for (uint64_t seed = 1; seed <= 20; seed++)
        run_ring((struct akt_config){.simulated = true, .seed = seed}, 1000);
}
END_TEST

CHECK_MAIN("ring", goes_round_on_threads, goes_round_in_simulation)
