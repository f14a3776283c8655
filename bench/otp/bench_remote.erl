%% SPDX-License-Identifier: MIT
%% The other side of bench/remote.lua, with plain processes.
-module(bench_remote).
-export([serve/0, run/1]).

serve() ->
    register(pong, spawn(fun() -> pong(0, 0) end)),
    receive after infinity -> ok end.

pong(N, Bytes) ->
    receive
        {From, ping} -> From ! pong, pong(N, Bytes);
        add -> pong(N + 1, Bytes);
        {add, S} -> pong(N + 1, Bytes + byte_size(S));
        {From, handled} -> From ! {handled, N, Bytes}, pong(0, 0);
        stop -> halt(0)
    end.

connect(Node, 0) -> exit({no_node, Node});
connect(Node, Tries) ->
    case net_adm:ping(Node) of
        pong -> ok;
        pang -> timer:sleep(50), connect(Node, Tries - 1)
    end.

find(Node, 0) -> exit({no_server, Node});
find(Node, Tries) ->
    case rpc:call(Node, erlang, whereis, [pong]) of
        undefined -> timer:sleep(50), find(Node, Tries - 1);
        Pid -> Pid
    end.

run([Name]) ->
    [_, Host] = string:split(atom_to_list(node()), "@"),
    Node = list_to_atom(atom_to_list(Name) ++ "@" ++ Host),
    connect(Node, 200),
    Pong = find(Node, 200),
    Trips = 100000, Count = 2000000, Long = 20000,
    trips(Pong, Trips div 10),
    T1 = timed(fun() -> trips(Pong, Trips) end),
    io:format("remote.pingpong  ~w roundtrips/s~n", [round(Trips / T1)]),
    T2 = timed(fun() -> Count = flood(Pong, add, Count) end),
    io:format("remote.small  ~w messages/s~n", [round(Count / T2)]),
    S = binary:copy(<<"x">>, 65536),
    T3 = timed(fun() -> Long = flood(Pong, {add, S}, Long) end),
    io:format("remote.long  ~w MB/s~n", [round(Long * 65536 / T3 / 1.0e6)]),
    Pong ! stop,
    halt(0).

timed(F) ->
    Start = erlang:monotonic_time(),
    F(),
    (erlang:monotonic_time() - Start) / erlang:convert_time_unit(1, second, native).

trips(_, 0) -> ok;
trips(Pong, N) ->
    Pong ! {self(), ping},
    receive pong -> trips(Pong, N - 1) end.

flood(Pong, M, N) ->
    send(Pong, M, N),
    Pong ! {self(), handled},
    receive {handled, Handled, _} -> Handled end.

send(_, _, 0) -> ok;
send(Pong, M, N) -> Pong ! M, send(Pong, M, N - 1).
