/* SPDX-License-Identifier: MIT
 *
 * net/admin_act.c: what changes something: `stop`, `kill`, `restart`,
 * `reinstate`, `shutdown`. They are said and not waited for.
 */
#include <string.h>

#include "net/admin_impl.h"
#include "vm/outside.h"

static void answer(struct akt_admin_call *call, akt_pid pid, enum akt_code code)
{
    long long number = (long long)akt_pid_serial(pid);
    if (code == AKT_OK)
        akt_admin_result(call, json_pack("{s:I}", "number", number));
    else if (code == AKT_DENIED)
        akt_admin_error(call, "denied", "actor %lld is the machine's or main",
                        number);
    else
        akt_admin_error(call, akt_code_name(code), "actor %lld has ended",
                        number);
}

static void stop(struct akt_admin_call *call, json_t *args, void *ctx)
{
    akt_pid pid;
    if (akt_args_pid(call, args, &pid))
        answer(call, pid,
               akt_outside_stop(akt_admin_node(call), pid,
                                akt_reason_of(AKT_SHUTDOWN)));
}

static void kill_it(struct akt_admin_call *call, json_t *args, void *ctx)
{
    akt_pid pid;
    if (akt_args_pid(call, args, &pid))
        answer(call, pid, akt_outside_kill(akt_admin_node(call), pid));
}

static void restart(struct akt_admin_call *call, json_t *args, void *ctx)
{
    akt_pid pid;
    if (akt_args_pid(call, args, &pid))
        answer(call, pid, akt_outside_restart(akt_admin_node(call), pid));
}

static void reinstate(struct akt_admin_call *call, json_t *args, void *ctx)
{
    akt_pid pid;
    if (akt_args_pid(call, args, &pid))
        answer(call, pid, akt_outside_reinstate(akt_admin_node(call), pid));
}

static void shut_down(struct akt_admin_call *call, json_t *args, void *ctx)
{
    uint32_t code = 0;
    if (!akt_args_number(call, args, "code", 255, &code))
        return;
    akt_node_exit(akt_admin_node(call), (int)code);
    akt_admin_result(call, json_pack("{s:i}", "code", (int)code));
}

void akt_admin_add_act(struct akt_admin *admin)
{
    akt_admin_add(admin, "stop", stop, NULL);
    akt_admin_add(admin, "kill", kill_it, NULL);
    akt_admin_add(admin, "restart", restart, NULL);
    akt_admin_add(admin, "reinstate", reinstate, NULL);
    akt_admin_add(admin, "shutdown", shut_down, NULL);
}
