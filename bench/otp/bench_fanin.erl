%% SPDX-License-Identifier: MIT
%% fanin [senders] [messages each] [chunk]: the work of bench/fanin.lua.
-module(bench_fanin).
-export([main/1]).

main(Args) ->
    Senders = bench_util:arg(1, Args, 16),
    Each = bench_util:arg(2, Args, 200000),
    Chunk = bench_util:arg(3, Args, 0),
    Sink = spawn(fun() -> sink(0, 0) end),
    Crew = [spawn(fun() -> sender(Sink, Chunk) end) || _ <- lists:seq(1, Senders)],
    WarmUp = max(Each div 10, 1),
    Run = fun(N) ->
                  [Pid ! {run, self(), N} || Pid <- Crew],
                  [receive {done, Pid} -> ok end || Pid <- Crew]
          end,
    Run(WarmUp),
    Seconds = bench_util:seconds(fun() -> Run(Each) end),
    Handled = Senders * (WarmUp + Each),
    Sum = Senders * (sum_to(WarmUp) + sum_to(Each)),
    Sink ! {totals, self()},
    receive {totals, Handled, Sum} -> ok end,
    bench_util:report("fanin", Senders * Each / Seconds, "messages/s"),
    halt(0).

sum_to(N) -> N * (N + 1) div 2.

sink(Handled, Sum) ->
    receive
        {add, K} -> sink(Handled + 1, Sum + K);
        {sync, From, Ref} ->
            From ! {Ref, ok},
            sink(Handled, Sum);
        {totals, From} ->
            From ! {totals, Handled, Sum},
            sink(Handled, Sum)
    end.

sender(Sink, Chunk) ->
    receive
        {run, From, N} ->
            send(Sink, 1, N, Chunk),
            From ! {done, self()},
            sender(Sink, Chunk)
    end.

send(Sink, I, N, _) when I > N -> sync(Sink);
send(Sink, I, N, Chunk) when Chunk > 0, I rem Chunk =:= 0 ->
    Sink ! {add, I},
    sync(Sink),
    send(Sink, I + 1, N, Chunk);
send(Sink, I, N, Chunk) ->
    Sink ! {add, I},
    send(Sink, I + 1, N, Chunk).

%% A call as gen_server:call makes it: a monitor whose reference is the tag.
sync(Sink) ->
    Ref = monitor(process, Sink),
    Sink ! {sync, self(), Ref},
    receive {Ref, ok} -> demonitor(Ref, [flush]) end.
