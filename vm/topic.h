/* SPDX-License-Identifier: MIT
 *
 * vm/topic.h: topics and groups: named lists of actors of the node, and
 * publishing to all of one.
 *
 * A list is an array of slots, and an actor keeps its slot as long as it is
 * in: a publisher can copy the list piece by piece, without holding a lock
 * while it posts, and still meets everybody who was there all the time exactly
 * once. A list that is empty is freed, with its name and its figures.
 *
 * Who has no room is passed over and counted; a note ("lagged", n, name) then
 * waits at its mailbox like a sender would, and gets its number when it is let
 * in.
 *
 * Invariants
 *   J1  An actor that has ended is in no list. (Joining sets `joined` and then
 *       looks at the pid; the end clears the pid and then looks at `joined`.
 *       One of the two sees the other.)
 *   J2  What one actor publishes arrives in the order it was published.
 *   J3  At most one lagged note per actor and list is on its way.
 *
 * Threads: [any], but for what says otherwise. One lock for each of
 *          AKT_TOPIC_SHARDS parts, chosen by name; never two at a time.
 */
#ifndef AKT_VM_TOPIC_H
#define AKT_VM_TOPIC_H

#include "vm/isolate.h"
#include "vm/node.h"

#define AKT_TOPIC_SHARDS 16
#define AKT_TOPIC_NAME_MAX 255 /* bytes */
#define AKT_TOPIC_CHUNK 256    /* actors between two looks at the clock */
/* Where in the body of a lagged note its number stands: 8 bytes, big endian. */
#define AKT_TOPIC_LAG_AT 8

enum akt_topic_space { AKT_SPACE_TOPIC, AKT_SPACE_GROUP };

struct akt_topic_name {
    enum akt_topic_space space;
    const char *name;
    size_t len; /* at most AKT_TOPIC_NAME_MAX */
};

struct akt_topic_stats {
    uint32_t members;
    uint64_t published; /* messages */
    uint64_t delivered; /* copies of them */
    uint64_t lagged;    /* copies for which there was no room */
    uint64_t refused;   /* copies that broke the receiver's contract */
};

struct akt_topics *akt_topics_create(void);
void akt_topics_destroy(struct akt_topics *ts); /* [start] */

/* AKT_OK, AKT_NOPROC: it is not alive. *is_new: it was not in yet. */
enum akt_code akt_topic_join(struct akt_node *node,
                             const struct akt_topic_name *name, akt_pid pid,
                             bool *is_new);
/* False: it was not in. */
bool akt_topic_leave(struct akt_node *node, const struct akt_topic_name *name,
                     akt_pid pid);
/* Zeroes for one that does not exist. */
void akt_topic_stats(struct akt_node *node, const struct akt_topic_name *name,
                     struct akt_topic_stats *out);

/* A place in a list; zeroed at first. */
struct akt_topic_cursor {
    uint64_t topic; /* its id */
    uint32_t next, end;
};

/* The next members, up to AKT_TOPIC_CHUNK; 0: that was all. */
uint32_t akt_topic_members(struct akt_node *node,
                           const struct akt_topic_name *name,
                           struct akt_topic_cursor *at,
                           akt_pid pids[AKT_TOPIC_CHUNK]);

/* One message to all. `name` and `body` stay the caller's. */
struct akt_publish {
    struct akt_topic_name name;
    const char *body;
    uint32_t size;
    /* Whether the message is good for an actor with AKT_LOAD_LOOK. Must not
     * raise. */
    bool (*fits)(void *ctx, const struct akt_actor *a);
    /* A lagged note, made by akt_msg_new_ack. Must not raise. */
    struct akt_msg *(*note)(void *ctx);
    void *ctx;
    struct akt_topic_cursor at;
    uint64_t delivered; /* so far */
};

/* [owner] Of the isolate whose current actor publishes: posts to the next
 * AKT_TOPIC_CHUNK; false: that was all. */
bool akt_publish_some(struct akt_isolate *iso, struct akt_publish *p);

/* [owner] A lagged note is let into the mailbox of its target: fills its number
 * in. False: there is nothing to tell; m is freed. */
bool akt_topic_fill_note(struct akt_node *node, struct akt_msg *m);
/* [owner] The actor has ended: takes it out of up to *left lists. True: it is
 * in none. */
bool akt_topic_leave_some(struct akt_node *node, struct akt_actor *a,
                          uint32_t *left);

#endif
