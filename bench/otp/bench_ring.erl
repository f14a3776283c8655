%% SPDX-License-Identifier: MIT
%% ring [members] [hops]: the work of bench/ring.lua.
-module(bench_ring).
-export([main/1]).

main(Args) ->
    Members = bench_util:arg(1, Args, 1000),
    Hops = bench_util:arg(2, Args, 3000000),
    Main = self(),
    [Last | _] = Ring = build(Members, Main, []),
    First = lists:last(Ring),
    Last ! {close, First},
    WarmUp = max(Hops div 10, 1),
    Run = fun(N) ->
                  First ! {token, N},
                  receive done -> ok end
          end,
    Run(WarmUp),
    Seconds = bench_util:seconds(fun() -> Run(Hops) end),
    Total = WarmUp + Hops,
    Total = lists:sum([handled(Pid) || Pid <- Ring]),
    bench_util:report("ring", Hops / Seconds, "hops/s"),
    halt(0).

%% The last member first in the list; each one knows its successor, the last
%% one is told later.
build(N, Main, []) ->
    Last = spawn(fun() ->
                         receive {close, Next} -> member(Next, Main, 0) end
                 end),
    build(N - 1, Main, [Last], Last).

build(0, _Main, Ring, _Next) -> lists:reverse(Ring);
build(N, Main, Ring, Next) ->
    Pid = spawn(fun() -> member(Next, Main, 0) end),
    build(N - 1, Main, [Pid | Ring], Pid).

member(Next, Main, Handled) ->
    receive
        {token, Left} when Left > 1 ->
            Next ! {token, Left - 1},
            member(Next, Main, Handled + 1);
        {token, _} ->
            Main ! done,
            member(Next, Main, Handled + 1);
        {handled, From} ->
            From ! {handled, self(), Handled},
            member(Next, Main, Handled)
    end.

handled(Pid) ->
    Pid ! {handled, self()},
    receive {handled, Pid, N} -> N end.
