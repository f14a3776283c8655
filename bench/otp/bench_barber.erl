%% SPDX-License-Identifier: MIT
%% barber [haircuts] [seats] [production] [haircut]: the work of
%% bench/savina/barber.lua.
-module(bench_barber).
-export([main/1]).

main(Args) ->
    Options = bench_savina:args(Args, [5000, 1000, 1000, 1000]),
    [Haircuts | _] = Options,
    bench_savina:run(
      #{name => "barber", unit => "haircuts/s", work => Haircuts,
        check => Haircuts, once => fun(_) -> once(Options) end}).

once([Haircuts, Seats, Production, Haircut]) ->
    Main = self(),
    Barber = spawn(fun() -> barber(74755, Haircut, 0) end),
    Room = spawn(fun() -> room(queue:new(), 0, Seats, true, Barber) end),
    Factory = spawn(fun() -> factory(Room, Haircuts, Production, Main) end),
    Factory ! start,
    bench_savina:done().

busy_wait(Limit) -> busy_wait(Limit, 74755).

busy_wait(0, Random) -> Random;
busy_wait(Left, Random) -> busy_wait(Left - 1, bench_savina:random(Random)).

customer(Factory) ->
    receive
        full ->
            Factory ! {returned, self()},
            customer(Factory);
        wait ->
            customer(Factory);
        start ->
            customer(Factory);
        done ->
            Factory ! done
    end.

barber(Random, Haircut, Cut) ->
    receive
        {enter, Customer, Room} ->
            Customer ! start,
            Next = bench_savina:random(Random),
            busy_wait(Next rem Haircut + 10),
            Customer ! done,
            Room ! next,
            barber(Next, Haircut, Cut + 1);
        wait ->
            barber(Random, Haircut, Cut);
        {exit, Main} ->
            Main ! {done, Cut}
    end.

room(Queue, Seats, Seats, Asleep, Barber) ->
    receive
        {enter, Customer} ->
            Customer ! full,
            room(Queue, Seats, Seats, Asleep, Barber);
        next ->
            next(Queue, Seats, Seats, Barber)
    end;
room(Queue, Waiting, Seats, Asleep, Barber) ->
    receive
        {enter, Customer} when Asleep ->
            self() ! next,
            room(queue:in(Customer, Queue), Waiting + 1, Seats, false, Barber);
        {enter, Customer} ->
            Customer ! wait,
            room(queue:in(Customer, Queue), Waiting + 1, Seats, false, Barber);
        next ->
            next(Queue, Waiting, Seats, Barber);
        {exit, Main} ->
            Barber ! {exit, Main}
    end.

next(Queue, 0, Seats, Barber) ->
    Barber ! wait,
    room(Queue, 0, Seats, true, Barber);
next(Queue, Waiting, Seats, Barber) ->
    {{value, Customer}, Rest} = queue:out(Queue),
    Barber ! {enter, Customer, self()},
    room(Rest, Waiting - 1, Seats, false, Barber).

factory(Room, Haircuts, Production, Main) ->
    receive start -> ok end,
    produce(Haircuts, 74755, Production, Room),
    serve(Haircuts, Room),
    Room ! {exit, Main}.

produce(0, _, _, _) -> ok;
produce(Left, Random, Production, Room) ->
    Factory = self(),
    Room ! {enter, spawn(fun() -> customer(Factory) end)},
    Next = bench_savina:random(Random),
    busy_wait(Next rem Production + 10),
    produce(Left - 1, Next, Production, Room).

serve(0, _) -> ok;
serve(Missing, Room) ->
    receive
        {returned, Customer} ->
            Room ! {enter, Customer},
            serve(Missing, Room);
        done ->
            serve(Missing - 1, Room)
    end.
