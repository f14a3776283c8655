%% SPDX-License-Identifier: MIT
%% tokens [few] [many] [tokens] [hops]: the work of bench/tokens.lua. Needs +P
%% above the number of actors.
-module(bench_tokens).
-export([main/1]).

main(Args) ->
    Few = bench_util:arg(1, Args, 1000),
    Many = bench_util:arg(2, Args, 1000000),
    Tokens = bench_util:arg(3, Args, 1000),
    Hops = bench_util:arg(4, Args, 3000000),
    [FewRate, ManyRate] = [rate(Size, Tokens, Hops) || Size <- [Few, Many]],
    bench_util:report("tokens.few", FewRate, "hops/s"),
    bench_util:report("tokens.many", ManyRate, "hops/s"),
    bench_util:report("tokens.cost", FewRate / ManyRate, "ratio", 2),
    halt(0).

rate(Size, Tokens, Hops) ->
    Ring = bench_ring:open(Size),
    Each = max(Hops div Tokens, 1),
    WarmUp = max(Each div 10, 1),
    bench_ring:run(Ring, Tokens, WarmUp),
    Seconds = bench_util:seconds(fun() ->
                                         bench_ring:run(Ring, Tokens, Each)
                                 end),
    Total = (WarmUp + Each) * Tokens,
    Total = bench_ring:close(Ring),
    Each * Tokens / Seconds.
