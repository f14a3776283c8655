%% SPDX-License-Identifier: MIT
%% fair [asks] [spinners]: the work of bench/fair.lua.
-module(bench_fair).
-export([main/1]).

main(Args) ->
    Asks = bench_util:arg(1, Args, 500),
    Spinners = bench_util:arg(2, Args, 10),
    Light = spawn(fun() -> light(0) end),
    [spawn(fun() -> spin(0) end) || _ <- lists:seq(1, Spinners)],
    timer:sleep(100),
    Times = [ask(Light, I) || I <- lists:seq(1, Asks)],
    bench_util:report("fair.p50", bench_util:percentile(Times, 0.50) * 1.0e3,
                      "ms", 3),
    bench_util:report("fair.p99", bench_util:percentile(Times, 0.99) * 1.0e3,
                      "ms", 3),
    halt(0).

ask(Light, I) ->
    timer:sleep(10),
    bench_util:seconds(
      fun() ->
              Ref = monitor(process, Light),
              Light ! {inc, self(), Ref},
              receive {Ref, I} -> demonitor(Ref, [flush]) end
      end).

light(N) ->
    receive {inc, From, Ref} -> From ! {Ref, N + 1} end,
    light(N + 1).

spin(X) -> spin(X + 1).
