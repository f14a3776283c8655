%% SPDX-License-Identifier: MIT
%% What the Erlang benchmarks share: arguments, the clock, the output line.
-module(bench_util).
-export([arg/3, seconds/1, report/3, report/4, percentile/2, resident_bytes/0]).

%% The Nth command line argument as an integer, or the default.
arg(N, Args, Default) ->
    case length(Args) >= N of
        true -> list_to_integer(lists:nth(N, Args));
        false -> Default
    end.

%% How long Fun takes, by the monotonic clock.
seconds(Fun) ->
    Start = erlang:monotonic_time(),
    Fun(),
    Took = erlang:monotonic_time() - Start,
    Took / erlang:convert_time_unit(1, second, native).

report(Name, Value, Unit) -> report(Name, Value, Unit, 0).

report(Name, Value, Unit, Decimals) ->
    Text = float_to_list(Value * 1.0, [{decimals, Decimals}]),
    io:format("~s  ~s ~s~n", [Name, Text, Unit]).

percentile(Times, P) ->
    Sorted = lists:sort(Times),
    lists:nth(max(1, ceil(length(Sorted) * P)), Sorted).

resident_bytes() ->
    {ok, Text} = file:read_file("/proc/self/status"),
    {match, [Kb]} = re:run(Text, "VmRSS:\\s*(\\d+) kB",
                           [{capture, all_but_first, list}]),
    list_to_integer(Kb) * 1024.
