%% SPDX-License-Identifier: MIT
%% fjthrput [messages each] [actors]: the work of bench/savina/fjthrput.lua.
-module(bench_fjthrput).
-export([main/1]).

main(Args) ->
    [Each, Actors] = bench_savina:args(Args, [10000, 60]),
    bench_savina:run(
      #{name => "fjthrput", unit => "messages/s", work => Each * Actors,
        check => Each * Actors,
        once => fun(_) -> once(Each, Actors) end}).

once(Each, Actors) ->
    Main = self(),
    Crew = [bench_savina:spawn_queued(fun() -> worker(0, Each, Main) end)
            || _ <- lists:seq(1, Actors)],
    send(Crew, Each),
    lists:sum([bench_savina:done() || _ <- Crew]).

send(_Crew, 0) -> ok;
send(Crew, N) ->
    [Pid ! message || Pid <- Crew],
    send(Crew, N - 1).

worker(Total, Total, Main) -> Main ! {done, Total};
worker(Handled, Total, Main) ->
    receive message -> ok end,
    Sine = math:sin(37.2),
    true = Sine * Sine > 0,
    worker(Handled + 1, Total, Main).
