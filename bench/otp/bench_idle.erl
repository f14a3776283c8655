%% SPDX-License-Identifier: MIT
%% idle [actors] [hibernate]: the work of bench/idle.lua with plain processes
%% whose state is a map. With a second argument they hibernate: less memory,
%% but each message first makes the heap grow again. Needs +P above the number
%% of actors.
-module(bench_idle).
-export([main/1]).
-export([loop/1, hibernating/1]).

main([Count]) ->
    run("idle", list_to_integer(Count), fun loop/1);
main([Count, "hibernate"]) ->
    run("idle.hibernated", list_to_integer(Count), fun hibernate/1);
main([]) ->
    main(["1000000"]).

run(Name, Count, Loop) ->
    0 = get_n(spawn(fun() -> Loop(#{n => 0}) end)),
    Before = bench_util:resident_bytes(),
    Start = erlang:monotonic_time(),
    Sample = start(1, Count, Loop, []),
    Took = (erlang:monotonic_time() - Start)
        / erlang:convert_time_unit(1, second, native),
    Bytes = bench_util:resident_bytes() - Before,
    [I = get_n(Pid) || {I, Pid} <- Sample],
    bench_util:report(Name ++ ".spawn", Count / Took, "spawns/s"),
    bench_util:report(Name ++ ".memory", Bytes / Count, "bytes/actor"),
    halt(0).

%% An actor counts as started when it is in its receive, as akt.spawn returns
%% only after init: each process says so, in chunks of 1,000.
start(I, Count, _Loop, Sample) when I > Count -> Sample;
start(I, Count, Loop, Sample) ->
    Last = min(I + 999, Count),
    Main = self(),
    Pids = [spawn(fun() -> Main ! ready, Loop(#{n => N}) end)
            || N <- lists:seq(I, Last)],
    [receive ready -> ok end || _ <- Pids],
    start(Last + 1, Count, Loop, [{Last, lists:last(Pids)} | Sample]).

get_n(Pid) ->
    Pid ! {get, self()},
    receive {n, N} -> N end.

loop(State) ->
    receive {get, From} -> From ! {n, maps:get(n, State)} end,
    loop(State).

hibernate(State) -> erlang:hibernate(?MODULE, hibernating, [State]).

hibernating(State) ->
    receive {get, From} -> From ! {n, maps:get(n, State)} end,
    hibernate(State).
