%% SPDX-License-Identifier: MIT
%% pingpong [pings]: the work of bench/savina/pingpong.lua.
-module(bench_pingpong).
-export([main/1]).

main(Args) ->
    [Pings] = bench_savina:args(Args, [40000]),
    bench_savina:run(
      #{name => "pingpong", unit => "roundtrips/s", work => Pings,
        check => Pings,
        once => fun(_) ->
                        Main = self(),
                        Pong = spawn(fun() -> pong(0) end),
                        Ping = spawn(fun() -> ping(Pong, Pings, Main) end),
                        Ping ! ping,
                        bench_savina:done()
                end}).

pong(Handled) ->
    receive
        {ping, From} ->
            From ! pong,
            pong(Handled + 1);
        {stop, Main} ->
            Main ! {done, Handled}
    end.

ping(Pong, Left, Main) ->
    receive
        ping ->
            Pong ! {ping, self()},
            ping(Pong, Left - 1, Main);
        pong when Left > 0 ->
            self() ! ping,
            ping(Pong, Left, Main);
        pong ->
            Pong ! {stop, Main}
    end.
