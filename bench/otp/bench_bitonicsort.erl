%% SPDX-License-Identifier: MIT
%% bitonicsort [values] [seed]: the work of bench/savina/bitonicsort.lua.
-module(bench_bitonicsort).
-export([main/1]).

main(Args) ->
    [Values, Seed] = bench_savina:args(Args, [4096, 2048]),
    bench_savina:run(
      #{name => "bitonicsort", unit => "values/s", work => Values,
        check => sum_of_values(Values, Seed, 0),
        once => fun(_) -> once(Values, Seed) end}).

%% As akt.spawn: returns when what the new process begins with is done.
start(Init, Loop) ->
    Parent = self(),
    Pid = spawn(fun() ->
                        State = Init(),
                        Parent ! {up, self()},
                        Loop(State)
                end),
    receive {up, Pid} -> Pid end.

once(Values, Seed) ->
    Main = self(),
    Validation = spawn(fun() -> validation(Values, 0, 0, -1, Main) end),
    Sorted = spawn(fun() -> to_value(Validation) end),
    Kernel = start(fun() -> kernel(Values, Values, Sorted) end,
                   fun pass_on/1),
    spawn(fun() -> source(Values, Seed, Kernel) end) ! start,
    bench_savina:done().

pass_on(Next) ->
    receive
        {value, _} = Value ->
            Next ! Value,
            pass_on(Next);
        exit ->
            Next ! exit
    end.

to_data(Id, Next) ->
    receive
        {value, V} ->
            Next ! {data, Id, V},
            to_data(Id, Next);
        exit ->
            Next ! exit
    end.

to_value(Next) ->
    receive
        {data, _, V} ->
            Next ! {value, V},
            to_value(Next);
        {value, _} = Value ->
            Next ! Value,
            to_value(Next);
        exit ->
            Next ! exit
    end.

splitter(Length, Receivers) -> splitter(Length, Receivers, Length, Receivers).

splitter(Length, [_], 0, All) -> splitter(Length, All, Length, All);
splitter(Length, [_ | Rest], 0, All) -> splitter(Length, Rest, Length, All);
splitter(Length, [Pid | _] = Pids, Left, All) ->
    receive
        {value, _} = Value ->
            Pid ! Value,
            splitter(Length, Pids, Left - 1, All);
        exit ->
            [Each ! exit || Each <- All],
            ok
    end.

%% A queue for each sender: a selective receive would look at everything that
%% waits again and again.
joiner(Length, Senders, Next) ->
    Queues = maps:from_list([{I, {[], []}} || I <- lists:seq(1, Senders)]),
    joiner(Length, Senders, Next, Queues, {1, 0}, Senders).

joiner(_, _, Next, _, _, 0) -> Next ! exit;
joiner(Length, Senders, Next, Queues, Turn, Missing) ->
    receive
        {data, Id, V} ->
            #{Id := {Out, In}} = Queues,
            {Queues2, Turn2} = forward(Length, Senders, Next,
                                       Queues#{Id := {Out, [V | In]}}, Turn),
            joiner(Length, Senders, Next, Queues2, Turn2, Missing);
        exit ->
            joiner(Length, Senders, Next, Queues, Turn, Missing - 1)
    end.

forward(Length, Senders, Next, Queues, {At, Length}) ->
    forward(Length, Senders, Next, Queues, {At rem Senders + 1, 0});
forward(Length, Senders, Next, Queues, {At, Run} = Turn) ->
    case Queues of
        #{At := {[], []}} ->
            {Queues, Turn};
        #{At := {[], In}} ->
            [V | Out] = lists:reverse(In),
            Next ! {value, V},
            forward(Length, Senders, Next, Queues#{At := {Out, []}},
                    {At, Run + 1});
        #{At := {[V | Out], In}} ->
            Next ! {value, V},
            forward(Length, Senders, Next, Queues#{At := {Out, In}},
                    {At, Run + 1})
    end.

comparator(Id, Up, Next) ->
    receive
        {value, A} ->
            receive {value, B} -> ok end,
            {First, Second} = case (A =< B) =:= Up of
                                  true -> {A, B};
                                  false -> {B, A}
                              end,
            Next ! {data, Id, First},
            Next ! {data, Id, Second},
            comparator(Id, Up, Next);
        exit ->
            Next ! exit
    end.

partition(Id, Length, Up, Next) ->
    Half = Length div 2,
    Forward = spawn(fun() -> to_data(Id, Next) end),
    Joiner = spawn(fun() -> joiner(1, Half, Forward) end),
    Workers = [spawn(fun() -> comparator(I, Up, Joiner) end)
               || I <- lists:seq(1, Half)],
    spawn(fun() -> splitter(1, Workers) end).

%% Turn: after how many partitions the direction changes; none: never.
step(Length, Partitions, Turn, Next) ->
    Forward = case Turn of
                  none -> Next;
                  _ -> spawn(fun() -> to_value(Next) end)
              end,
    Joiner = spawn(fun() -> joiner(Length, Partitions, Forward) end),
    Workers = [worker(I, Length, is_up(I, Turn), Joiner)
               || I <- lists:seq(1, Partitions)],
    spawn(fun() -> splitter(Length, Workers) end).

is_up(_, none) -> true;
is_up(I, Turn) -> (I - 1) div Turn rem 2 =:= 0.

worker(I, 2, Up, Joiner) ->
    spawn(fun() -> comparator(I, Up, Joiner) end);
worker(I, Length, Up, Joiner) ->
    start(fun() -> partition(I, Length, Up, Joiner) end, fun pass_on/1).

stage(_, 0, _, Next) -> Next;
stage(Length, I, Values, Next) ->
    Turn = case Length < Values of
               true -> I;
               false -> none
           end,
    Partitions = Values div Length * I,
    Step = start(fun() -> step(Length div I, Partitions, Turn, Next) end,
                 fun pass_on/1),
    stage(Length, I div 2, Values, Step).

kernel(Length, _, Next) when Length < 2 -> Next;
kernel(Length, Values, Next) ->
    Stage = start(fun() -> stage(Length, Length div 2, Values, Next) end,
                  fun pass_on/1),
    kernel(Length div 2, Values, Stage).

source(Values, Seed, Next) ->
    receive start -> ok end,
    send(Values, Seed, Next),
    self() ! exit,
    pass_on(Next).

send(0, _, _) -> ok;
send(Left, Random, Next) ->
    V = bench_savina:random(Random),
    Next ! {value, V},
    send(Left - 1, V, Next).

validation(Values, Count, Sum, Last, Main) ->
    receive
        {value, V} when V >= Last ->
            validation(Values, Count + 1, Sum + V, V, Main);
        exit when Count =:= Values ->
            Main ! {done, Sum};
        Other ->
            error({out_of_place, Other})
    end.

sum_of_values(0, _, Sum) -> Sum;
sum_of_values(Left, Random, Sum) ->
    V = bench_savina:random(Random),
    sum_of_values(Left - 1, V, Sum + V).
