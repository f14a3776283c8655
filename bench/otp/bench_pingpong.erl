%% SPDX-License-Identifier: MIT
%% pingpong [round trips]: the work of bench/pingpong.lua.
-module(bench_pingpong).
-export([main/1]).

main(Args) ->
    Trips = bench_util:arg(1, Args, 2000000),
    Pong = spawn(fun() -> pong(0) end),
    Ping = spawn(fun() -> ping(Pong) end),
    WarmUp = max(Trips div 10, 1),
    Run = fun(N) ->
                  Ping ! {run, self(), N},
                  receive done -> ok end
          end,
    Run(WarmUp),
    Seconds = bench_util:seconds(fun() -> Run(Trips) end),
    Total = WarmUp + Trips,
    Pong ! {handled, self()},
    receive {handled, Total} -> ok end,
    bench_util:report("pingpong", Trips / Seconds, "roundtrips/s"),
    halt(0).

pong(Handled) ->
    receive
        {ping, From} ->
            From ! pong,
            pong(Handled + 1);
        {handled, From} ->
            From ! {handled, Handled},
            pong(Handled)
    end.

ping(Pong) ->
    receive
        {run, From, N} ->
            Pong ! {ping, self()},
            ping(Pong, N, From)
    end.

ping(Pong, Left, From) ->
    receive
        pong when Left > 1 ->
            Pong ! {ping, self()},
            ping(Pong, Left - 1, From);
        pong ->
            From ! done,
            ping(Pong)
    end.
