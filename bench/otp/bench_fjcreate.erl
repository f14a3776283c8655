%% SPDX-License-Identifier: MIT
%% fjcreate [actors]: the work of bench/savina/fjcreate.lua.
-module(bench_fjcreate).
-export([main/1]).

main(Args) ->
    [Actors] = bench_savina:args(Args, [40000]),
    bench_savina:run(
      #{name => "fjcreate", unit => "actors/s", work => Actors,
        check => Actors, once => fun(_) -> once(Actors) end}).

once(Actors) ->
    create(Actors),
    ended(Actors, 0).

create(0) -> ok;
create(N) ->
    {Pid, _} = spawn_monitor(fun worker/0),
    Pid ! message,
    create(N - 1).

ended(0, Worked) -> Worked;
ended(N, Worked) ->
    receive {'DOWN', _, process, _, worked} -> ended(N - 1, Worked + 1) end.

worker() ->
    receive message -> ok end,
    Sine = math:sin(37.2),
    true = Sine * Sine > 0,
    exit(worked).
