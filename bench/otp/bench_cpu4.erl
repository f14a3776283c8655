%% SPDX-License-Identifier: MIT
%% cpu4 [loops] [actors]: the work of bench/cpu4.lua. It compares the language
%% engines (a JIT here, an interpreter there) more than the actor machinery.
-module(bench_cpu4).
-export([main/1]).

main(Args) ->
    Loops = bench_util:arg(1, Args, 40000000),
    Actors = bench_util:arg(2, Args, 4),
    Crew = [spawn(fun cruncher/0) || _ <- lists:seq(1, Actors)],
    Run = fun(N) ->
                  [Pid ! {work, self(), N} || Pid <- Crew],
                  Half = N div 2,
                  [receive {Pid, Half} -> ok end || Pid <- Crew]
          end,
    Run(max(Loops div 20, 1)),
    bench_util:report("cpu4", bench_util:seconds(fun() -> Run(Loops) end),
                      "s", 3),
    halt(0).

cruncher() ->
    receive {work, From, N} -> From ! {self(), work(N, 1, 0)} end,
    cruncher().

work(0, _X, Odd) -> Odd;
work(N, X0, Odd) ->
    X = (X0 * 1103515245 + 12345) band 16#7fffffff,
    work(N - 1, X, Odd + (X band 1)).
