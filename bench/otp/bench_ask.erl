%% SPDX-License-Identifier: MIT
%% ask [calls]: the work of bench/ask.lua, twice: gen_server:call to a
%% gen_server (what an Erlang program uses; compared as "ask"), and the
%% same protocol by hand between plain processes ("ask.bare"). Then a tenth
%% of the calls again, each timed for itself.
-module(bench_ask).
-behaviour(gen_server).
-export([main/1]).
-export([init/1, handle_call/3, handle_cast/2]).

main(Args) ->
    Calls = bench_util:arg(1, Args, 1000000),
    {ok, Server} = gen_server:start_link(?MODULE, [], []),
    measure("ask", Server, Calls, fun gen_server:call/2),
    Plain = spawn_link(fun() -> loop(0) end),
    measure("ask.bare", Plain, Calls, fun bare_call/2),
    halt(0).

measure(Name, Server, Calls, Call) ->
    WarmUp = max(Calls div 10, 1),
    run(Server, WarmUp, Call),
    Seconds = bench_util:seconds(fun() -> run(Server, Calls, Call) end),
    Times = [bench_util:seconds(fun() -> Call(Server, {add, I}) end)
             || I <- lists:seq(1, WarmUp)],
    Total = Calls + 2 * WarmUp,
    Total = Call(Server, handled),
    bench_util:report(Name, Calls / Seconds, "asks/s"),
    bench_util:report(Name ++ ".p50",
                      bench_util:percentile(Times, 0.50) * 1.0e6, "us", 2),
    bench_util:report(Name ++ ".p99",
                      bench_util:percentile(Times, 0.99) * 1.0e6, "us", 2).

run(Server, N, Call) ->
    Sum = N * (N + 1) div 2 + N,
    Sum = calls(Server, N, Call, 0).

calls(_Server, 0, _Call, Sum) -> Sum;
calls(Server, N, Call, Sum) ->
    calls(Server, N - 1, Call, Sum + Call(Server, {add, N})).

bare_call(Pid, Request) ->
    Ref = monitor(process, Pid),
    Pid ! {Ref, self(), Request},
    receive
        {Ref, Reply} ->
            demonitor(Ref, [flush]),
            Reply;
        {'DOWN', Ref, process, Pid, Reason} ->
            exit(Reason)
    after 5000 ->
            exit(timeout)
    end.

loop(Handled) ->
    receive
        {Ref, From, {add, K}} ->
            From ! {Ref, K + 1},
            loop(Handled + 1);
        {Ref, From, handled} ->
            From ! {Ref, Handled},
            loop(Handled)
    end.

init([]) -> {ok, 0}.

handle_call({add, K}, _From, Handled) -> {reply, K + 1, Handled + 1};
handle_call(handled, _From, Handled) -> {reply, Handled, Handled}.

handle_cast(_, Handled) -> {noreply, Handled}.
