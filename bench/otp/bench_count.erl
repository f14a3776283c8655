%% SPDX-License-Identifier: MIT
%% count [messages]: the work of bench/savina/count.lua.
-module(bench_count).
-export([main/1]).

main(Args) ->
    [Messages] = bench_savina:args(Args, [1000000]),
    bench_savina:run(
      #{name => "count", unit => "messages/s", work => Messages,
        check => Messages,
        once => fun(_) ->
                        Main = self(),
                        Counter = spawn(fun() -> counter(0) end),
                        Producer = spawn(fun() -> producer(Counter, Main) end),
                        Producer ! {start, Messages},
                        bench_savina:done()
                end}).

counter(Count) ->
    receive
        increment -> counter(Count + 1);
        {retrieve, From} -> From ! {result, Count}
    end.

producer(Counter, Main) ->
    receive {start, N} -> send(Counter, N) end,
    receive {result, Count} -> Main ! {done, Count} end.

send(Counter, 0) ->
    Counter ! {retrieve, self()};
send(Counter, N) ->
    Counter ! increment,
    send(Counter, N - 1).
