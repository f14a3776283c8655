%% SPDX-License-Identifier: MIT
%% fanin [senders] [messages each]: the work of bench/fanin.lua, with the same
%% sync after every 1,000 messages.
-module(bench_fanin).
-export([main/1]).

-define(CHUNK, 1000).

main(Args) ->
    Senders = bench_util:arg(1, Args, 16),
    Each = bench_util:arg(2, Args, 200000),
    Sink = spawn(fun() -> sink(0, 0) end),
    Crew = [spawn(fun() -> sender(Sink) end) || _ <- lists:seq(1, Senders)],
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

sender(Sink) ->
    receive
        {run, From, N} ->
            send(Sink, 1, N),
            From ! {done, self()},
            sender(Sink)
    end.

send(Sink, I, N) when I > N -> sync(Sink);
send(Sink, I, N) ->
    Sink ! {add, I},
    case I rem ?CHUNK of
        0 -> sync(Sink);
        _ -> ok
    end,
    send(Sink, I + 1, N).

%% A call as gen_server:call makes it: a monitor whose reference is the tag.
sync(Sink) ->
    Ref = monitor(process, Sink),
    Sink ! {sync, self(), Ref},
    receive {Ref, ok} -> demonitor(Ref, [flush]) end.
