%% SPDX-License-Identifier: MIT
%% What the programs of the Savina suite share: bench/savina/savina.lua.
-module(bench_savina).
-export([args/2, run/1, random/1, done/0, spawn_queued/1]).

-define(ITERATIONS, 12).
-define(ENOUGH_SECONDS, 2).

%% The numbers among the arguments, or the defaults.
args(Args, Defaults) ->
    numbers([list_to_integer(A) || A <- Args, not lists:member($=, A)],
            Defaults).

numbers([Given | Rest], [_ | Defaults]) -> [Given | numbers(Rest, Defaults)];
numbers(_, Defaults) -> Defaults.

iterations() ->
    Given = [N || "iterations=" ++ N <- init:get_plain_arguments()],
    case Given of
        [] -> ?ITERATIONS;
        [N | _] -> list_to_integer(N)
    end.

%% One step of the suite's generator.
random(Value) -> (Value * 1309 + 13849) band 65535.

%% Waits for what an iteration sends at its end.
done() -> receive {done, Check} -> Check end.

%% A process in front of which many messages will wait: they stay outside of its
%% heap, so that it need not look at them in each collection.
spawn_queued(Fun) -> spawn_opt(Fun, [{message_queue_data, off_heap}]).

%% Name, unit, work, check, once, and perhaps setup: as savina.run.
run(#{name := Name, unit := Unit, work := Work, check := Check} = Bench) ->
    {Times, Cpus} = lists:unzip(iterate(Bench, iterations(), [], 0)),
    Seconds = median(Times),
    Rate = float_to_list(Work / Seconds, [{decimals, 0}]),
    io:format("~s  ~s ~s work=~b check=~s seconds=~.6f cpu=~.6f~n",
              [Name, Rate, Unit, Work, text(Check), Seconds, median(Cpus)]),
    halt(0).

iterate(_Bench, Left, Times, Total) when Left =:= 0; Total > ?ENOUGH_SECONDS ->
    without_first(lists:reverse(Times));
iterate(#{once := Once, check := Check} = Bench, Left, Times, Total) ->
    Prepared = (maps:get(setup, Bench, fun() -> none end))(),
    {Start, Cpu} = clocks(),
    Check = Once(Prepared),  % a wrong result ends the program
    {End, CpuEnd} = clocks(),
    iterate(Bench, Left - 1, [{End - Start, CpuEnd - Cpu} | Times],
            Total + End - Start).

%% Seconds by the clock, and of processor, of all threads.
clocks() ->
    {Cpu, _} = statistics(runtime),
    {erlang:monotonic_time() / erlang:convert_time_unit(1, second, native),
     Cpu / 1000}.

%% It warms up, unless it is the only one.
without_first([Only]) -> [Only];
without_first([_ | Times]) -> Times.

median(Times) ->
    Sorted = lists:sort(Times),
    Half = length(Sorted) div 2,
    case length(Sorted) rem 2 of
        1 -> lists:nth(Half + 1, Sorted);
        0 -> (lists:nth(Half, Sorted) + lists:nth(Half + 1, Sorted)) / 2
    end.

text(N) when is_integer(N) -> integer_to_list(N);
text(S) -> S.
