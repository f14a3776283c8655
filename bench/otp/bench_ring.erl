%% SPDX-License-Identifier: MIT
%% ring [members] [hops]: the work of bench/ring.lua.
-module(bench_ring).
-export([main/1, open/1, run/3, close/1]).

main(Args) ->
    Members = bench_util:arg(1, Args, 1000),
    Hops = bench_util:arg(2, Args, 3000000),
    Ring = open(Members),
    WarmUp = max(Hops div 10, 1),
    run(Ring, 1, WarmUp),
    Seconds = bench_util:seconds(fun() -> run(Ring, 1, Hops) end),
    Total = WarmUp + Hops,
    Total = close(Ring),
    bench_util:report("ring", Hops / Seconds, "hops/s"),
    halt(0).

%% A ring of so many, as a tuple.
open(Size) ->
    Main = self(),
    Last = spawn(fun() ->
                         receive {close, Next} -> member(Next, Main, 0) end
                 end),
    [First | _] = Ring = build(Size - 1, Main, [Last]),
    Last ! {close, First},
    list_to_tuple(Ring).

build(0, _, Ring) -> Ring;
build(Left, Main, [Next | _] = Ring) ->
    Pid = spawn(fun() -> member(Next, Main, 0) end),
    build(Left - 1, Main, [Pid | Ring]).

%% So many tokens, evenly spread, each of which goes so far.
run(Ring, Tokens, Each) ->
    Step = max(tuple_size(Ring) div Tokens, 1),
    [element(I * Step rem tuple_size(Ring) + 1, Ring) ! {token, Each}
     || I <- lists:seq(0, Tokens - 1)],
    [receive done -> ok end || _ <- lists:seq(1, Tokens)].

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

%% Ends it -> how many tokens all have handled.
close(Ring) ->
    Pids = tuple_to_list(Ring),
    Handled = lists:sum([handled(Pid) || Pid <- Pids]),
    [exit(Pid, kill) || Pid <- Pids],
    Handled.

handled(Pid) ->
    Pid ! {handled, self()},
    receive {handled, Pid, N} -> N end.
