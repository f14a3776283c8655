/* SPDX-License-Identifier: MIT
 *
 * tests/fuzz/fuzz_hello.c: the first words of a connection. What is read whole
 * is read the same when it is written again, is not read from less, and is
 * judged without a crash. Half of the inputs get a head that is right.
 */
#include <assert.h>
#include <stdlib.h>

#include "net/frame.h"
#include "net/hello.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void is_same(const struct akt_hello *a, const struct akt_hello *b)
{
    assert(a->version_min == b->version_min);
    assert(a->version_max == b->version_max);
    assert(a->features == b->features && a->incarnation == b->incarnation);
    assert(a->session == b->session && a->received == b->received);
    assert(a->resumes == b->resumes);
    assert(strcmp(a->cluster, b->cluster) == 0);
    assert(strcmp(a->name, b->name) == 0);
    assert(strcmp(a->address, b->address) == 0);
}

static void judge(const struct akt_hello *theirs)
{
    struct akt_hello mine = {
        .version_min = 1, .version_max = 2, .features = 1, .name = "n1"};
    uint16_t version;
    uint32_t features;
    enum akt_refusal why = akt_hello_judge(&mine, theirs, &version, &features);
    assert(why < AKT_REFUSAL_COUNT);
    if (why == AKT_REFUSED_NONE)
        assert(version >= 1 && version <= 2 && features <= 1);
}

static void write_again(const struct akt_hello_read *r)
{
    struct akt_buf b = AKT_BUF_INIT;
    if (r->kind == AKT_HELLO_REFUSED)
        akt_hello_write_refusal(r->why, &b);
    else
        akt_hello_write(&r->hello, r->kind == AKT_HELLO_ANSWERED, &b);
    struct akt_hello_read again = akt_hello_read(b.data, b.len);
    assert(again.kind == r->kind && again.len == b.len);
    assert(b.len <= AKT_HELLO_MAX && b.len <= r->len + 16);
    if (r->kind == AKT_HELLO_REFUSED)
        assert(again.why == r->why);
    else
        is_same(&again.hello, &r->hello);
    akt_buf_fini(&b);
}

static void check(const char *p, size_t len)
{
    struct akt_hello_read r = akt_hello_read(p, len);
    if (r.kind == AKT_HELLO_BAD)
        return;
    if (r.kind == AKT_HELLO_MORE) {
        assert(len < AKT_HELLO_MAX); /* H1 */
        return;
    }
    assert(r.len <= len && r.len <= AKT_HELLO_MAX);
    assert(akt_hello_read(p, r.len - 1).kind == AKT_HELLO_MORE);
    assert(akt_hello_read(p, r.len / 2).kind == AKT_HELLO_MORE);
    write_again(&r);
    if (r.kind != AKT_HELLO_REFUSED)
        judge(&r.hello);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    size_t len = size - 1, head = data[0] & 1 ? AKT_FRAME_HEAD : 0;
    char *copy = malloc(head + len + 1); /* so that ASan knows its end */
    memcpy(copy + head, data + 1, len);
    if (head)
        akt_frame_put(copy, &(struct akt_frame){
                                .len = (uint32_t)(len - (data[0] >> 7 & len)),
                                .type = (uint8_t)(1 + (data[0] >> 1) % 3)});
    check(copy, head + len);
    free(copy);
    return 0;
}
