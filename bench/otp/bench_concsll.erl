%% SPDX-License-Identifier: MIT
%% concsll [workers] [messages each] [percent of writes] [percent of sizes]: the
%% work of bench/savina/concsll.lua. The list is Erlang's own.
-module(bench_concsll).
-export([main/1]).

main(Args) ->
    Options = bench_savina:args(Args, [20, 8000, 10, 1]),
    [Workers, Each | _] = Options,
    {Written, Sum} = all_written(Options),
    bench_savina:run(
      #{name => "concsll", unit => "messages/s", work => Workers * Each,
        check => Sum, once => fun(_) -> once(Options, Written) end}).

once([Workers | _] = Options, Written) ->
    Main = self(),
    List = spawn(fun() -> list([]) end),
    [spawn(fun() -> worker(Id, List, Options, Main) end) ! start
     || Id <- lists:seq(0, Workers - 1)],
    [bench_savina:done() || _ <- lists:seq(1, Workers)],
    List ! {stop, Main},
    receive
        {list, Items} ->
            Items = lists:sort(Items),
            Written = length(Items),
            lists:sum(Items)
    end.

list(Items) ->
    receive
        {write, Item, From} ->
            New = add(Item, Items),
            From ! result,
            list(New);
        {contains, Item, From} ->
            From ! {result, contains(Item, Items)},
            list(Items);
        {size, From} ->
            From ! {result, length(Items)},
            list(Items);
        {stop, Main} ->
            Main ! {list, Items}
    end.

add(Item, [First | Rest]) when First =< Item -> [First | add(Item, Rest)];
add(Item, Items) -> [Item | Items].

%% To the end, as in the suite, although the list is sorted.
contains(_, []) -> false;
contains(Item, [Item | _]) -> true;
contains(Item, [_ | Items]) -> contains(Item, Items).

worker(Id, List, [_, Each | _] = Options, Main) ->
    receive start -> ok end,
    work(Each, seed(Id, Options), List, Options),
    Main ! {done, Id}.

seed(Id, [_, Each, Writes, Sizes]) -> Id + Each + Writes + Sizes.

work(0, _, _, _) -> ok;
work(Left, Random, List, Options) ->
    {Request, Next} = draw(Random, Options),
    case Request of
        size -> List ! {size, self()};
        {Kind, Item} -> List ! {Kind, Item, self()}
    end,
    receive
        result -> ok;
        {result, _} -> ok
    end,
    work(Left - 1, Next, List, Options).

draw(Random, [_, _, Writes, Sizes]) ->
    First = bench_savina:random(Random),
    case First rem 100 of
        Percent when Percent < Sizes ->
            {size, First};
        Percent ->
            Item = bench_savina:random(First),
            Kind = if
                       Percent < Sizes + Writes -> write;
                       true -> contains
                   end,
            {{Kind, Item}, Item}
    end.

all_written([Workers, Each | _] = Options) ->
    lists:foldl(fun(Id, Found) ->
                        all_written(Each, seed(Id, Options), Options, Found)
                end, {0, 0}, lists:seq(0, Workers - 1)).

all_written(0, _, _, Found) -> Found;
all_written(Left, Random, Options, {Written, Sum} = Found) ->
    {Request, Next} = draw(Random, Options),
    Found2 = case Request of
                 {write, Item} -> {Written + 1, Sum + Item};
                 _ -> Found
             end,
    all_written(Left - 1, Next, Options, Found2).
