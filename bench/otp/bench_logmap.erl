%% SPDX-License-Identifier: MIT
%% logmap [terms] [series]: the work of bench/savina/logmap.lua. A series waits
%% for its answer as gen_server:call does; what waits before it in the mailbox
%% is skipped, because the reference is new.
-module(bench_logmap).
-export([main/1]).

-define(RATE, 3.46).
-define(INCREMENT, 0.0025).

main(Args) ->
    [Terms, Series] = bench_savina:args(Args, [25000, 10]),
    bench_savina:run(
      #{name => "logmap", unit => "terms/s", work => Terms * Series,
        check => text([last(Terms, start(Id), rate(Id))
                       || Id <- lists:seq(1, Series)]),
        once => fun(_) -> once(Terms, Series) end}).

rate(Id) -> ?RATE + (Id - 1) * ?INCREMENT.
start(Id) -> (Id - 1) * ?INCREMENT.
next_term(Term, Rate) -> Rate * Term * (1 - Term).

last(0, Term, _) -> Term;
last(Left, Term, Rate) -> last(Left - 1, next_term(Term, Rate), Rate).

text(Last) ->
    float_to_list(lists:foldl(fun(Term, Sum) -> Sum + Term end, 0.0, Last),
                  [{decimals, 12}]).

once(Terms, Series) ->
    Ids = lists:seq(1, Series),
    Crew = [start_series(Id) || Id <- Ids],
    send(Terms, Crew),
    [Pid ! {get_term, self(), Id} || {Pid, Id} <- lists:zip(Crew, Ids)],
    text([receive {term, Id, Term} -> Term end || Id <- Ids]).

start_series(Id) ->
    Computer = spawn(fun() -> computer(rate(Id)) end),
    bench_savina:spawn_queued(fun() -> series(start(Id), Computer) end).

send(0, _) -> ok;
send(Left, Crew) ->
    [Pid ! next_term || Pid <- Crew],
    send(Left - 1, Crew).

series(Term, Computer) ->
    receive
        next_term ->
            series(ask(Computer, Term), Computer);
        {get_term, Main, Id} ->
            Computer ! stop,
            Main ! {term, Id, Term}
    end.

ask(Computer, Term) ->
    Ref = monitor(process, Computer),
    Computer ! {compute, Term, self(), Ref},
    receive
        {Ref, Next} ->
            demonitor(Ref, [flush]),
            Next;
        {'DOWN', Ref, process, _, Reason} -> exit(Reason)
    after 5000 -> exit(timeout)
    end.

computer(Rate) ->
    receive
        {compute, Term, From, Ref} ->
            From ! {Ref, next_term(Term, Rate)},
            computer(Rate);
        stop ->
            ok
    end.
