%% SPDX-License-Identifier: MIT
%% threadring [actors] [hops]: the work of bench/savina/threadring.lua.
-module(bench_threadring).
-export([main/1]).

main(Args) ->
    [Actors, Hops] = bench_savina:args(Args, [100, 100000]),
    bench_savina:run(
      #{name => "threadring", unit => "hops/s", work => Hops, check => Hops,
        once => fun(_) -> once(Actors, Hops) end}).

once(Actors, Hops) ->
    Main = self(),
    Ring = [spawn(fun() -> member(Actors, Main) end)
            || _ <- lists:seq(1, Actors)],
    [First | Others] = Ring,
    [Pid ! {data, Next} || {Pid, Next} <- lists:zip(Ring, Others ++ [First])],
    First ! {ping, Hops},
    bench_savina:done().

member(Actors, Main) ->
    receive {data, Next} -> member(Next, Actors, Main, 0) end.

member(Next, Actors, Main, Handled) ->
    receive
        {ping, Left} when Left > 1 ->
            Next ! {ping, Left - 1},
            member(Next, Actors, Main, Handled + 1);
        {ping, _} ->
            Next ! {exit, Actors, 0},
            member(Next, Actors, Main, Handled + 1);
        {exit, 1, Sum} ->
            Main ! {done, Sum + Handled};
        {exit, Left, Sum} ->
            Next ! {exit, Left - 1, Sum + Handled}
    end.
