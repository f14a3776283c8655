%% SPDX-License-Identifier: MIT
%% nqueenk [size] [threshold] [workers]: the work of bench/savina/nqueenk.lua.
%% A board is looked at in the same order, the oldest queen first.
-module(bench_nqueenk).
-export([main/1]).

main(Args) ->
    Options = bench_savina:args(Args, [12, 4, 20]),
    [Size | _] = Options,
    Solutions = element(Size, {1, 0, 0, 2, 10, 4, 40, 92, 352, 724, 2680,
                               14200, 73712}),
    bench_savina:run(
      #{name => "nqueenk", unit => "solutions/s", work => Solutions,
        check => Solutions,
        once => fun(_) ->
                        Main = self(),
                        Master = spawn(fun() -> master(Options, Main) end),
                        Master ! start,
                        bench_savina:done()
                end}).

master([Size, Threshold, Workers], Main) ->
    receive start -> ok end,
    Master = self(),
    Crew = [spawn(fun() -> worker(Size, Threshold, Master) end)
            || _ <- lists:seq(1, Workers)],
    hd(Crew) ! {work, [], 0},
    Main ! {done, serve(tl(Crew), Crew, 1, 0)}.

%% Whose turn it is; work that is sent and not done.
serve([], Crew, Open, Results) -> serve(Crew, Crew, Open, Results);
serve(_, Crew, 0, Results) ->
    [Pid ! stop || Pid <- Crew],
    [receive stopped -> ok end || _ <- Crew],
    Results;
serve([Next | Others] = Turn, Crew, Open, Results) ->
    receive
        {work, _, _} = Work ->
            Next ! Work,
            serve(Others, Crew, Open + 1, Results);
        result ->
            serve(Turn, Crew, Open, Results + 1);
        done ->
            serve(Turn, Crew, Open - 1, Results)
    end.

worker(Size, Threshold, Master) ->
    receive
        {work, Board, Depth} when Depth =:= Size; Depth >= Threshold ->
            search(Board, Depth, Size, Master),
            Master ! done,
            worker(Size, Threshold, Master);
        {work, Board, Depth} ->
            split(Board, Depth, 1, Size, Master),
            Master ! done,
            worker(Size, Threshold, Master);
        stop ->
            Master ! stopped
    end.

split(_, _, I, Size, _) when I > Size -> ok;
split(Board, Depth, I, Size, Master) ->
    Longer = Board ++ [I],
    case is_valid(Longer) of
        true -> Master ! {work, Longer, Depth + 1};
        false -> ok
    end,
    split(Board, Depth, I + 1, Size, Master).

search(_, Size, Size, Master) -> Master ! result;
search(Board, Depth, Size, Master) -> search(Board, Depth, 1, Size, Master).

search(_, _, I, Size, _) when I > Size -> ok;
search(Board, Depth, I, Size, Master) ->
    Longer = Board ++ [I],
    case is_valid(Longer) of
        true -> search(Longer, Depth + 1, Size, Master);
        false -> ok
    end,
    search(Board, Depth, I + 1, Size, Master).

%% Whether no two of the queens threaten each other.
is_valid([]) -> true;
is_valid([P | Rest]) -> is_safe(P, Rest, 1) andalso is_valid(Rest).

is_safe(_, [], _) -> true;
is_safe(P, [Q | _], Distance)
  when Q =:= P; Q =:= P - Distance; Q =:= P + Distance -> false;
is_safe(P, [_ | Rest], Distance) -> is_safe(P, Rest, Distance + 1).
