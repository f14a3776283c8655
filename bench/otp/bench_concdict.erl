%% SPDX-License-Identifier: MIT
%% concdict [workers] [messages each] [percent of writes] [entries]: the work
%% of bench/savina/concdict.lua.
-module(bench_concdict).
-export([main/1]).

main(Args) ->
    Options = bench_savina:args(Args, [20, 10000, 10, 524287]),
    [Workers, Each, _, Entries] = Options,
    bench_savina:run(
      #{name => "concdict", unit => "messages/s", work => Workers * Each,
        check => lists:sum([sum_of_keys(Each, seed(Id, Options), Options, 0)
                            || Id <- lists:seq(0, Workers - 1)]),
        setup => fun() -> start_dictionary(Entries) end,
        once => fun(Dictionary) -> once(Dictionary, Options) end}).

start_dictionary(Entries) ->
    Main = self(),
    Pid = spawn(fun() ->
                        Keys = lists:seq(0, Entries - 1),
                        Data = maps:from_list([{K, K} || K <- Keys]),
                        Main ! filled,
                        dictionary(Data, 0)
                end),
    receive filled -> Pid end.

once(Dictionary, [Workers, Each, _, _] = Options) ->
    Main = self(),
    Crew = [spawn(fun() -> worker(Id, Dictionary, Options, Main) end)
            || Id <- lists:seq(0, Workers - 1)],
    [Pid ! start || Pid <- Crew],
    Sum = lists:sum([bench_savina:done() || _ <- Crew]),
    Handled = Workers * Each,
    Dictionary ! {stop, Main},
    receive {handled, Handled} -> Sum end.

dictionary(Data, Handled) ->
    receive
        {read, Key, From} ->
            From ! {result, maps:get(Key, Data)},
            dictionary(Data, Handled + 1);
        {write, Key, Value, From} ->
            From ! {result, Value},
            dictionary(Data#{Key => Value}, Handled + 1);
        {stop, Main} ->
            Main ! {handled, Handled}
    end.

worker(Id, Dictionary, [_, Each, Writes, Entries] = Options, Main) ->
    receive start -> ok end,
    Sum = work(Each, seed(Id, Options), Dictionary, Writes, Entries, 0),
    Main ! {done, Sum}.

seed(Id, [_, Each, Writes, _]) -> Id + Each + Writes.

%% The draws of a request: percent, two for the key, one more for a value.
draw(Random0, Entries) ->
    Random1 = bench_savina:random(Random0),
    Random2 = bench_savina:random(Random1),
    Random3 = bench_savina:random(Random2),
    {Random1 rem 100, (Random2 * 65536 + Random3) rem Entries, Random3}.

work(0, _, _, _, _, Sum) -> Sum;
work(Left, Random, Dictionary, Writes, Entries, Sum) ->
    {Percent, Key, Random3} = draw(Random, Entries),
    Next = case Percent < Writes of
               true ->
                   Random4 = bench_savina:random(Random3),
                   Value = Key + Entries * (Random4 rem 1000),
                   Dictionary ! {write, Key, Value, self()},
                   Random4;
               false ->
                   Dictionary ! {read, Key, self()},
                   Random3
           end,
    receive {result, Result} -> Key = Result rem Entries end,
    work(Left - 1, Next, Dictionary, Writes, Entries, Sum + Key).

sum_of_keys(0, _, _, Sum) -> Sum;
sum_of_keys(Left, Random, [_, _, Writes, Entries] = Options, Sum) ->
    {Percent, Key, Random3} = draw(Random, Entries),
    Next = case Percent < Writes of
               true -> bench_savina:random(Random3);
               false -> Random3
           end,
    sum_of_keys(Left - 1, Next, Options, Sum + Key).
