%% SPDX-License-Identifier: MIT
%% timers [pending] [fires/s] [seconds] [actors]: the work of bench/timers.lua.
-module(bench_timers).
-export([main/1]).

main(Args) ->
    Pending = bench_util:arg(1, Args, 1000000),
    Fires = bench_util:arg(2, Args, 100000),
    Seconds = bench_util:arg(3, Args, 5),
    Actors = bench_util:arg(4, Args, 1000),
    Few = measure(max(Pending div 100, Actors), Fires, Seconds, Actors),
    Many = measure(Pending, Fires, Seconds, Actors),
    report("timers.few_p50", percentile(Few, 0.50)),
    report("timers.few_p99", percentile(Few, 0.99)),
    report("timers.p50", percentile(Many, 0.50)),
    report("timers.p99", percentile(Many, 0.99)),
    report("timers.max", lists:max(Many)),
    bench_util:report("timers.p99_by_few",
                      percentile(Many, 0.99) / percentile(Few, 0.99),
                      "times", 2),
    halt(0).

report(Name, Us) -> bench_util:report(Name, Us / 1.0e3, "ms", 3).

now_us() -> erlang:monotonic_time(microsecond).

measure(Pending, Fires, Seconds, Actors) ->
    Each = Pending div Actors,
    Start = now_us() + 1000000 + Pending * 5,
    Gap = Actors * 1000000 div Fires,
    Crew = [spawn_link(fun() -> start(Each, Start + A * 1000000 div Fires, Gap)
                       end) || A <- lists:seq(1, Actors)],
    timer:sleep((Start - now_us()) div 1000 + Seconds * 1000),
    Late = lists:append([figures(Pid) || Pid <- Crew]),
    [begin unlink(Pid), exit(Pid, kill) end || Pid <- Crew],
    true = length(Late) >= Fires * Seconds * 0.9,
    Late.

figures(Pid) ->
    Pid ! {figures, self()},
    receive {Pid, Late} -> Late end.

start(N, Start, Gap) ->
    [set(Start + Gap * I, I) || I <- lists:seq(1, N)],
    loop(Gap * N, []).

set(Due, I) ->
    erlang:send_after(max(0, Due - now_us()) div 1000, self(), {fire, Due, I}).

loop(Period, Late) ->
    receive
        {fire, Due, I} ->
            set(Due + Period, I),
            loop(Period, [max(0, now_us() - Due) | Late]);
        {figures, From} ->
            From ! {self(), Late}
    end.

percentile(Late, P) ->
    lists:nth(max(1, round(length(Late) * P)), lists:sort(Late)).
