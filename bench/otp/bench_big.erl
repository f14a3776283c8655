%% SPDX-License-Identifier: MIT
%% big [actors] [pings each]: the work of bench/savina/big.lua.
-module(bench_big).
-export([main/1]).

main(Args) ->
    [Actors, Pings] = bench_savina:args(Args, [120, 20000]),
    bench_savina:run(
      #{name => "big", unit => "messages/s", work => 2 * Actors * Pings,
        check => Actors * Pings,
        once => fun(_) -> once(Actors, Pings) end}).

once(Actors, Pings) ->
    Main = self(),
    Sink = spawn(fun() -> sink(Main) end),
    All = list_to_tuple([spawn(fun() -> node(Id, Sink, Pings) end)
                         || Id <- lists:seq(1, Actors)]),
    Sink ! {neighbors, All},
    [Pid ! {neighbors, All} || Pid <- tuple_to_list(All)],
    [Pid ! {pong, none} || Pid <- tuple_to_list(All)],
    bench_savina:done().

node(Id, Sink, Pings) ->
    receive {neighbors, All} -> ok end,
    node({Id, Sink, All}, Pings, Id - 1, none, 0).

%% Pings to be sent, the state of the generator, from whom the pong will be.
node({Id, Sink, All} = Fixed, Left, Random, Expected, Handled) ->
    receive
        {ping, From} ->
            element(From, All) ! {pong, Id},
            node(Fixed, Left, Random, Expected, Handled + 1);
        {pong, Expected} when Left > 0 ->
            Next = bench_savina:random(Random),
            Target = Next rem tuple_size(All) + 1,
            element(Target, All) ! {ping, Id},
            node(Fixed, Left - 1, Next, Target, Handled);
        {pong, Expected} ->
            Sink ! exit,
            node(Fixed, 0, Random, none, Handled);
        {pong, Other} ->
            error({pong_of, Other, Expected});
        exit ->
            Sink ! {handled, Handled}
    end.

sink(Main) ->
    receive {neighbors, All} -> ok end,
    Pids = tuple_to_list(All),
    [receive exit -> ok end || _ <- Pids],
    [Pid ! exit || Pid <- Pids],
    Main ! {done, lists:sum([receive {handled, N} -> N end || _ <- Pids])}.
