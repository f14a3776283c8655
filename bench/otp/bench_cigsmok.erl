%% SPDX-License-Identifier: MIT
%% cigsmok [rounds] [smokers]: the work of bench/savina/cigsmok.lua.
-module(bench_cigsmok).
-export([main/1]).

main(Args) ->
    [Rounds, Smokers] = bench_savina:args(Args, [1000, 200]),
    Seed = Rounds * Smokers,
    bench_savina:run(
      #{name => "cigsmok", unit => "rounds/s", work => Rounds,
        check => all_smoked(Rounds, Seed, 0),
        once => fun(_) ->
                        Main = self(),
                        Arbiter = spawn(fun() ->
                                                arbiter(Rounds, Smokers, Main)
                                        end),
                        Arbiter ! start,
                        bench_savina:done()
                end}).

arbiter(Rounds, Smokers, Main) ->
    receive start -> ok end,
    Arbiter = self(),
    Crew = list_to_tuple([spawn(fun() -> smoker(0, Arbiter) end)
                          || _ <- lists:seq(1, Smokers)]),
    rounds(Rounds, Rounds * Smokers, Crew),
    Pids = tuple_to_list(Crew),
    [Pid ! exit || Pid <- Pids],
    Main ! {done, lists:sum([receive {smoked, N} -> N end || _ <- Pids])}.

rounds(0, _, _) -> ok;
rounds(Left, Random, Crew) ->
    {Who, Period, Next} = choose(Random),
    element(Who rem tuple_size(Crew) + 1, Crew) ! {smoke, Period},
    receive started -> ok end,
    rounds(Left - 1, Next, Crew).

choose(Random) ->
    Who = bench_savina:random(Random),
    Period = bench_savina:random(Who),
    {Who, Period rem 1000 + 10, Period}.

smoker(Smoked, Arbiter) ->
    receive
        {smoke, Period} ->
            Arbiter ! started,
            smoke(Period, 74755),
            smoker(Smoked + Period, Arbiter);
        exit ->
            Arbiter ! {smoked, Smoked}
    end.

smoke(0, Random) -> Random;
smoke(Left, Random) -> smoke(Left - 1, bench_savina:random(Random)).

all_smoked(0, _, Sum) -> Sum;
all_smoked(Left, Random, Sum) ->
    {_, Period, Next} = choose(Random),
    all_smoked(Left - 1, Next, Sum + Period).
