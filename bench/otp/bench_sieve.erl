%% SPDX-License-Identifier: MIT
%% sieve [limit] [primes per actor]: the work of bench/savina/sieve.lua.
-module(bench_sieve).
-export([main/1]).

main(Args) ->
    [Limit, Room] = bench_savina:args(Args, [100000, 1000]),
    bench_savina:run(
      #{name => "sieve", unit => "numbers/s", work => Limit div 2,
        check => length(primes(Limit - 1)),
        once => fun(_) ->
                        Main = self(),
                        Filter = spawn(fun() -> filter(2, Room, Main) end),
                        Producer = spawn(fun() -> producer(Limit) end),
                        Producer ! {start, Filter},
                        bench_savina:done()
                end}).

producer(Limit) ->
    receive {start, Filter} -> send(3, Limit, Filter) end.

send(N, Limit, Filter) when N < Limit ->
    Filter ! {number, N},
    send(N + 2, Limit, Filter);
send(_, _, Filter) ->
    Filter ! {exit, 0}.

filter(Prime, Room, Main) -> filter([Prime], 1, none, Room, Main).

%% Its primes in ascending order: the small ones divide most numbers.
filter(Primes, Count, Next, Room, Main) ->
    receive
        {number, N} ->
            case is_locally_prime(N, Primes) of
                false ->
                    filter(Primes, Count, Next, Room, Main);
                true when Next =/= none ->
                    Next ! {number, N},
                    filter(Primes, Count, Next, Room, Main);
                true when Count < Room ->
                    filter(Primes ++ [N], Count + 1, none, Room, Main);
                true ->
                    New = spawn(fun() -> filter(N, Room, Main) end),
                    filter(Primes, Count, New, Room, Main)
            end;
        {exit, Found} when Next =/= none ->
            Next ! {exit, Found + Count};
        {exit, Found} ->
            Main ! {done, Found + Count}
    end.

is_locally_prime(_, []) -> true;
is_locally_prime(N, [Prime | _]) when N rem Prime =:= 0 -> false;
is_locally_prime(N, [_ | Primes]) -> is_locally_prime(N, Primes).

%% By trial with the primes up to the root, to check the actors.
primes(Limit) -> primes(3, Limit, [2]).

primes(N, Limit, Found) when N > Limit -> Found;
primes(N, Limit, Found) ->
    case lists:any(fun(D) -> N rem D =:= 0 end, odd_to_root(N)) of
        true -> primes(N + 2, Limit, Found);
        false -> primes(N + 2, Limit, [N | Found])
    end.

odd_to_root(N) -> lists:seq(3, trunc(math:sqrt(N)), 2).
