%% SPDX-License-Identifier: MIT
%% philosopher [philosophers] [rounds]: the work of
%% bench/savina/philosopher.lua.
-module(bench_philosopher).
-export([main/1]).

main(Args) ->
    [Philosophers, Rounds] = bench_savina:args(Args, [20, 10000]),
    bench_savina:run(
      #{name => "philosopher", unit => "meals/s",
        work => Philosophers * Rounds, check => Philosophers * Rounds,
        once => fun(_) -> once(Philosophers, Rounds) end}).

once(Philosophers, Rounds) ->
    Main = self(),
    Arbitrator = spawn(fun() -> arbitrator(Philosophers, Main) end),
    Round = [spawn(fun() -> philosopher(Id, 0, Rounds, Arbitrator) end)
             || Id <- lists:seq(1, Philosophers)],
    [Pid ! start || Pid <- Round],
    bench_savina:done().

philosopher(Id, Eaten, Rounds, Arbitrator) ->
    receive
        start ->
            Arbitrator ! {hungry, Id, self()},
            philosopher(Id, Eaten, Rounds, Arbitrator);
        denied ->
            Arbitrator ! {hungry, Id, self()},
            philosopher(Id, Eaten, Rounds, Arbitrator);
        eat ->
            Arbitrator ! {done, Id},
            case Eaten + 1 of
                Rounds -> Arbitrator ! {exit, Rounds};
                More ->
                    self() ! start,
                    philosopher(Id, More, Rounds, Arbitrator)
            end
    end.

%% The forks are the bits of a number, the quickest to look at and to change;
%% with many philosophers it would be a big one.
arbitrator(Philosophers, Main) when Philosophers < 59 ->
    arbitrator(Philosophers, 0, Philosophers, 0, Main).

arbitrator(_, 0, 0, Eaten, Main) -> Main ! {done, Eaten};
arbitrator(Count, Taken, Missing, Eaten, Main) ->
    receive
        {hungry, Id, From} ->
            Forks = forks(Id, Count),
            case Taken band Forks of
                0 ->
                    From ! eat,
                    arbitrator(Count, Taken bor Forks, Missing, Eaten, Main);
                _ ->
                    From ! denied,
                    arbitrator(Count, Taken, Missing, Eaten, Main)
            end;
        {done, Id} ->
            Forks = forks(Id, Count),
            Forks = Taken band Forks,
            arbitrator(Count, Taken bxor Forks, Missing, Eaten, Main);
        {exit, N} ->
            arbitrator(Count, Taken, Missing - 1, Eaten + N, Main)
    end.

forks(Id, Count) -> (1 bsl (Id - 1)) bor (1 bsl (Id rem Count)).
