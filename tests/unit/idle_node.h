/* SPDX-License-Identifier: MIT
 *
 * tests/unit/idle_node.h: a node that does not run, with a main actor that
 * would do nothing.
 */
#ifndef AKT_TESTS_IDLE_NODE_H
#define AKT_TESTS_IDLE_NODE_H

#include "vm/cactor.h"
#include "vm/node.h"

static inline struct akt_node *idle_node(const struct akt_config *config)
{
    static const struct akt_c_behaviour nothing;
    static const struct akt_kind kind = {"main",
                                         &akt_c_host,
                                         false,
                                         0,
                                         {4, 1, AKT_FULL_WAIT},
                                         AKT_SUPERVISE_DEFAULT,
                                         (void *)(uintptr_t)&nothing};
    struct akt_node *node = akt_node_create(config);
    akt_node_main(node, &kind, NULL, akt_msg_new(AKT_MSG_START, 0));
    return node;
}

#endif
