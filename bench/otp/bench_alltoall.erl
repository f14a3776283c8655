%% SPDX-License-Identifier: MIT
%% alltoall [actors] [rounds] [burst]: the work of bench/alltoall.lua.
-module(bench_alltoall).
-export([main/1]).

main(Args) ->
    Actors = bench_util:arg(1, Args, 200),
    Rounds = bench_util:arg(2, Args, 40),
    Burst = bench_util:arg(3, Args, 0),
    Nodes = [spawn(fun node_init/0) || _ <- lists:seq(1, Actors)],
    [Pid ! {peers, Nodes, Burst} || Pid <- Nodes],
    WarmUp = max(Rounds div 10, 1),
    Run = fun(N) ->
                  [Pid ! {run, self(), N} || Pid <- Nodes],
                  [receive {done, Pid} -> ok end || Pid <- Nodes]
          end,
    Run(WarmUp),
    Seconds = bench_util:seconds(fun() -> Run(Rounds) end),
    PerRound = Actors * (Actors - 1) * 2,
    Total = (WarmUp + Rounds) * PerRound,
    Total = lists:sum([handled(Pid) || Pid <- Nodes]),
    bench_util:report("alltoall", Rounds * PerRound / Seconds, "messages/s"),
    halt(0).

handled(Pid) ->
    Pid ! {handled, self()},
    receive {handled, Pid, N} -> N end.

node_init() ->
    receive
        {peers, All, 1} -> node(lists:delete(self(), All), 0, 0, none, 0);
        {peers, All, 0} -> one(lists:delete(self(), All), [], 0, none, 0)
    end.

%% Next: whom to ping when the pong is there.
one(Peers, Next, Rounds, Done, Handled) ->
    receive
        {ping, From} ->
            From ! pong,
            one(Peers, Next, Rounds, Done, Handled + 1);
        pong ->
            case Next of
                [Pid | Rest] ->
                    Pid ! {ping, self()},
                    one(Peers, Rest, Rounds, Done, Handled + 1);
                [] when Rounds > 0 ->
                    [Pid | Rest] = Peers,
                    Pid ! {ping, self()},
                    one(Peers, Rest, Rounds - 1, Done, Handled + 1);
                [] ->
                    Done ! {done, self()},
                    one(Peers, [], 0, none, Handled + 1)
            end;
        {run, From, N} ->
            [Pid | Rest] = Peers,
            Pid ! {ping, self()},
            one(Peers, Rest, N - 1, From, Handled);
        {handled, From} ->
            From ! {handled, self(), Handled},
            one(Peers, Next, Rounds, Done, Handled)
    end.

%% Missing pongs of this round, rounds still to do, who waits for the end.
node(Peers, Missing, Rounds, Done, Handled) ->
    receive
        {ping, From} ->
            From ! pong,
            node(Peers, Missing, Rounds, Done, Handled + 1);
        pong when Missing > 1 ->
            node(Peers, Missing - 1, Rounds, Done, Handled + 1);
        pong when Rounds > 0 ->
            next_round(Peers, Rounds, Done, Handled + 1);
        pong ->
            Done ! {done, self()},
            node(Peers, 0, 0, none, Handled + 1);
        {run, From, N} ->
            next_round(Peers, N, From, Handled);
        {handled, From} ->
            From ! {handled, self(), Handled},
            node(Peers, Missing, Rounds, Done, Handled)
    end.

next_round(Peers, Rounds, Done, Handled) ->
    Ping = {ping, self()},
    [Pid ! Ping || Pid <- Peers],
    node(Peers, length(Peers), Rounds - 1, Done, Handled).
