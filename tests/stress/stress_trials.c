/* SPDX-License-Identifier: MIT
 *
 * Trials on several threads at once (lua/trial.h, T1): each of them under the
 * same seed gives what it gives alone, to the letter.
 */
#include <pthread.h>
#include <string.h>

#include "lua/trial.h"
#include "tests/stress/stress.h"

#define THREADS 3
#define SEEDS 10

static const char text[] =
    "local akt, t = require 'akt', require 'akt.test'\n"
    "local Account = akt.actor 'account'\n"
    "function Account:init() self.n = 0 end\n"
    "function Account.on:get() return self.n end\n"
    "function Account.on:set(n) self.n = n end\n"
    "local Client = akt.actor 'client'\n"
    "function Client.on:add(account)\n"
    "  local n = account:ask('get')\n"
    "  account:ask('set', n + 1)\n"
    "  return math.random(100)\n"
    "end\n"
    "t.test('adds', function()\n"
    "  local account = akt.spawn(Account)\n"
    "  local a, b = akt.spawn(Client), akt.spawn(Client)\n"
    "  local f, g = a:async('add', account), b:async('add', account)\n"
    "  print(f:wait(), g:wait(), akt.now())\n"
    "  akt.log.info { 'logged', n = account:ask('get') }\n"
    "  io.write('written')\n"
    "  local p = t.probe()\n"
    "  akt.after_opt(10, 'tick', { to = p.pid })\n"
    "  t.advance(10)\n"
    "  p:expect('tick')\n"
    "  akt.spawn(function() error 'crashed' end)\n"
    "  t.settle()\n"
    "  t.eq(account:ask('get'), 2)\n"
    "end)\n";

struct expected {
    bool passed;
    uint64_t hash, turns;
    struct akt_buf output, trace;
};

static struct expected alone[SEEDS];
static uint32_t rounds;

static void run(uint64_t seed, struct akt_trial_result *r)
{
    struct akt_trial trial = {.path = "stress_test.lua",
                              .text = text,
                              .len = sizeof text - 1,
                              .test = "adds",
                              .seed = seed,
                              .log_level = AKT_LOG_INFO};
    akt_trial_run(&trial, r);
}

static void check_equal(const struct akt_buf *a, const struct akt_buf *b)
{
    STRESS_CHECK(a->len == b->len && memcmp(a->data, b->data, a->len) == 0);
}

static void *compare(void *arg)
{
    for (uint32_t i = 0; i < rounds * SEEDS; i++) {
        uint64_t seed = (i + (uintptr_t)arg) % SEEDS;
        const struct expected *e = &alone[seed];
        struct akt_trial_result r;
        run(seed, &r);
        STRESS_CHECK(r.passed == e->passed && r.hash == e->hash &&
                     r.turns == e->turns);
        check_equal(&r.output, &e->output);
        if (!r.passed)
            check_equal(&r.trace, &e->trace);
        akt_trial_result_fini(&r);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    struct akt_trial_result results[SEEDS];
    rounds = stress_amount(argc, argv, 15);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct akt_trial_result *r = &results[seed];
        run(seed, r);
        STRESS_CHECK(r->output.len > 0);
        alone[seed] = (struct expected){r->passed, r->hash, r->turns, r->output,
                                        r->trace};
    }
    STRESS_CHECK(alone[0].hash != alone[1].hash);
    for (uintptr_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, compare, (void *)i);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < SEEDS; i++)
        akt_trial_result_fini(&results[i]);
    return 0;
}
