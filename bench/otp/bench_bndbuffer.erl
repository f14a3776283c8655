%% SPDX-License-Identifier: MIT
%% bndbuffer [buffer] [producers] [consumers] [items each] [cost of producing]
%% [of consuming]: the work of bench/savina/bndbuffer.lua.
-module(bench_bndbuffer).
-export([main/1]).

main(Args) ->
    Options = bench_savina:args(Args, [50, 40, 40, 1000, 25, 25]),
    [_, Producers, _, Each, _, _] = Options,
    bench_savina:run(
      #{name => "bndbuffer", unit => "items/s", work => Producers * Each,
        check => Producers * Each,
        once => fun(_) ->
                        Main = self(),
                        Manager = spawn(fun() -> manager(Options, Main) end),
                        Manager ! start,
                        bench_savina:done()
                end}).

manager([Buffer, Producers, Consumers, Each, Cost, ConsumerCost], Main) ->
    receive start -> ok end,
    Manager = self(),
    Crew = [spawn(fun() -> consumer(0.0, 0, ConsumerCost, Manager) end)
            || _ <- lists:seq(1, Consumers)],
    [spawn(fun() -> producer(0.0, 0, Each, Cost, Manager) end) ! produce
     || _ <- lists:seq(1, Producers)],
    Produced = serve({max(Buffer - Producers, 1), Consumers},
                     queue:new(), {queue:from_list(Crew), Consumers},
                     {queue:new(), 0}, Producers, 0),
    Produced = Producers * Each,
    [Pid ! exit || Pid <- Crew],
    Main ! {done, lists:sum([receive {consumed, N} -> N end || _ <- Crew])}.

%% Producers that wait, consumers that are free and data, each with how many.
serve({_, Consumers}, _, {_, Consumers}, _, 0, Produced) -> Produced;
serve({Limit, _} = Fixed, Waiting, {Free, Idle}, {Data, Pending}, AtWork,
      Produced) ->
    receive
        {data, Item, Producer} ->
            {Free2, Data2, Pending2} =
                case Idle of
                    0 -> {{Free, 0}, queue:in(Item, Data), Pending + 1};
                    _ ->
                        {{value, Consumer}, Rest} = queue:out(Free),
                        Consumer ! {data, Item},
                        {{Rest, Idle - 1}, Data, Pending}
                end,
            Waiting2 = case Pending2 >= Limit of
                           true -> queue:in(Producer, Waiting);
                           false -> Producer ! produce, Waiting
                       end,
            serve(Fixed, Waiting2, Free2, {Data2, Pending2}, AtWork, Produced);
        {available, Consumer} when Pending =:= 0 ->
            serve(Fixed, Waiting, {queue:in(Consumer, Free), Idle + 1},
                  {Data, Pending}, AtWork, Produced);
        {available, Consumer} ->
            {{value, Item}, Data2} = queue:out(Data),
            Consumer ! {data, Item},
            serve(Fixed, wake(queue:out(Waiting)), {Free, Idle},
                  {Data2, Pending - 1}, AtWork, Produced);
        {produced, N} ->
            serve(Fixed, Waiting, {Free, Idle}, {Data, Pending}, AtWork - 1,
                  Produced + N)
    end.

wake({{value, Producer}, Rest}) -> Producer ! produce, Rest;
wake({empty, Rest}) -> Rest.

producer(Item, Produced, Each, Cost, Manager) ->
    receive produce -> ok end,
    case Produced of
        Each -> Manager ! {produced, Produced};
        _ ->
            Next = process(Item, Cost),
            Manager ! {data, Next, self()},
            producer(Next, Produced + 1, Each, Cost, Manager)
    end.

consumer(Item, Consumed, Cost, Manager) ->
    receive
        {data, Data} ->
            Next = process(Item + Data, Cost),
            Manager ! {available, self()},
            consumer(Next, Consumed + 1, Cost, Manager);
        exit ->
            Manager ! {consumed, Consumed}
    end.

process(Value, Cost) -> process(Value, Cost * 100, Cost).

process(Value, 0, _) -> Value;
process(Value, Left, Random) ->
    Next = bench_savina:random(Random),
    process(Value + math:log(1 / (Next + 1) + 0.01), Left - 1, Next).
