%% SPDX-License-Identifier: MIT
%% restart [crashes]: the work of bench/restart.lua, twice: a proc_lib loop
%% under the standard supervisor (compared as "restart"), and a plain loop
%% under a process that traps exits and spawns a new one ("restart.bare").
%% Reports are switched off.
%%
%% A restarted process has a new pid and an empty mailbox, so the client waits
%% for the end of the old one and then looks for the name until it is back.
%%
%% A supervisor goes through the list of its recent restarts at each restart,
%% which is not what is measured here: each one serves for 100 crashes only.
-module(bench_restart).
-behaviour(supervisor).
-export([main/1]).
-export([init/1, start_worker/0, worker_init/1, worker_loop/2]).
-export([system_continue/3, system_terminate/4]).

-define(BATCH, 100).

main(Args) ->
    Crashes = bench_util:arg(1, Args, 20000),
    ok = logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    measure("restart", worker, Crashes, fun start_supervisor/0),
    measure("restart.bare", bare_worker, Crashes, fun start_bare/0),
    halt(0).

measure(Name, Worker, Crashes, Start) ->
    _ = run(Worker, max(Crashes div 10, 1), Start),
    Times = run(Worker, Crashes, Start),
    bench_util:report(Name ++ ".median",
                      bench_util:percentile(Times, 0.50) * 1.0e6, "us", 2),
    bench_util:report(Name ++ ".p99",
                      bench_util:percentile(Times, 0.99) * 1.0e6, "us", 2).

run(_Worker, 0, _Start) -> [];
run(Worker, Left, Start) ->
    N = min(Left, ?BATCH),
    Boss = Start(),
    Times = [crash(Worker) || _ <- lists:seq(1, N)],
    stop(Boss),
    Times ++ run(Worker, Left - N, Start).

start_supervisor() ->
    {ok, Pid} = supervisor:start_link(?MODULE, []),
    Pid.

start_bare() ->
    Main = self(),
    Pid = spawn_link(fun() ->
                             process_flag(trap_exit, true),
                             bare_start(),
                             Main ! {started, self()},
                             bare_watch(Main)
                     end),
    receive {started, Pid} -> Pid end.

stop(Boss) ->
    Boss ! {'EXIT', self(), shutdown},  % as a parent that ends would say it
    receive {'EXIT', Boss, _} -> ok end.

%% Seconds from sending boom to the first reply of the new process.
crash(Name) ->
    {ok, 1} = ask(Name, inc),
    bench_util:seconds(
      fun() ->
              Ref = monitor(process, Name),
              Name ! boom,
              receive {'DOWN', Ref, process, _, _} -> ok end,
              0 = retry(Name)
      end).

retry(Name) ->
    case ask(Name, get) of
        {ok, N} -> N;
        noproc -> erlang:yield(), retry(Name)
    end.

ask(Name, Request) ->
    case whereis(Name) of
        undefined -> noproc;
        Pid ->
            Ref = monitor(process, Pid),
            Pid ! {Request, self(), Ref},
            receive
                {Ref, N} -> demonitor(Ref, [flush]), {ok, N};
                {'DOWN', Ref, process, _, _} -> noproc
            end
    end.

%% The standard way: a process started by proc_lib under a supervisor.
init([]) ->
    {ok, {#{strategy => one_for_one, intensity => ?BATCH, period => 1},
          [#{id => worker, start => {?MODULE, start_worker, []}}]}}.

start_worker() -> proc_lib:start_link(?MODULE, worker_init, [self()]).

worker_init(Parent) ->
    register(worker, self()),
    proc_lib:init_ack(Parent, {ok, self()}),
    worker_loop(Parent, 0).

worker_loop(Parent, N) ->
    receive
        {system, From, Request} ->
            sys:handle_system_msg(Request, From, Parent, ?MODULE, [], N);
        Message ->
            worker_loop(Parent, handle(Message, N))
    end.

system_continue(Parent, _Debug, N) -> worker_loop(Parent, N).
system_terminate(Reason, _Parent, _Debug, _N) -> exit(Reason).

%% By hand.
bare_start() ->
    Boss = self(),
    Pid = spawn_link(fun() ->
                             register(bare_worker, self()),
                             Boss ! {up, self()},
                             bare_loop(0)
                     end),
    receive {up, Pid} -> ok end.

bare_watch(Main) ->
    receive
        {'EXIT', Main, shutdown} ->
            Worker = whereis(bare_worker),
            exit(Worker, kill),
            receive {'EXIT', Worker, _} -> exit(shutdown) end;
        {'EXIT', _, _} ->
            bare_start(),
            bare_watch(Main)
    end.

bare_loop(N) ->
    receive Message -> bare_loop(handle(Message, N)) end.

handle({inc, From, Ref}, N) -> From ! {Ref, N + 1}, N + 1;
handle({get, From, Ref}, N) -> From ! {Ref, N}, N;
handle(boom, _N) -> error(boom).
