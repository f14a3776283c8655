%% SPDX-License-Identifier: MIT
%% recmatmul [length] [threshold] [workers]: the work of
%% bench/savina/recmatmul.lua. A and B are persistent terms, tuples of rows,
%% which all processes read without a copy.
-module(bench_recmatmul).
-export([main/1]).

main(Args) ->
    Options = bench_savina:args(Args, [1024, 16384, 20]),
    [Length | _] = Options,
    persistent_term:put(a, matrix(Length, fun(I, _) -> I * 1.0 end)),
    persistent_term:put(b, matrix(Length, fun(_, J) -> J * 1.0 end)),
    bench_savina:run(
      #{name => "recmatmul", unit => "madds/s",
        work => Length * Length * Length, check => Length * Length,
        once => fun(_) ->
                        Main = self(),
                        Master = spawn(fun() -> master(Options, Main) end),
                        Master ! start,
                        bench_savina:done()
                end}).

matrix(Length, Element) ->
    To = Length - 1,
    list_to_tuple([list_to_tuple([Element(I, J) || J <- lists:seq(0, To)])
                   || I <- lists:seq(0, To)]).

master([Length, Threshold, Workers], Main) ->
    receive start -> ok end,
    Master = self(),
    Crew = list_to_tuple([spawn(fun() ->
                                        worker(#{}, Length, Threshold, Master)
                                end) || _ <- lists:seq(1, Workers)]),
    send({work, 0, 0, 0, 0, 0, 0, Length}, Crew),
    serve(1, Crew),
    Pids = tuple_to_list(Crew),
    [Pid ! stop || Pid <- Pids],
    Main ! {done, lists:sum([receive {stopped, N} -> N end || _ <- Pids])}.

send({work, _, _, _, _, Row, Column, _} = Work, Crew) ->
    element((Row + Column) rem tuple_size(Crew) + 1, Crew) ! Work.

%% Open: work that is sent and not done.
serve(0, _) -> ok;
serve(Open, Crew) ->
    receive
        done ->
            serve(Open - 1, Crew);
        Work ->
            send(Work, Crew),
            serve(Open + 1, Crew)
    end.

worker(Parts, Length, Threshold, Master) ->
    receive
        {work, ARow, AColumn, BRow, BColumn, CRow, CColumn, Dim}
          when Dim * Dim > Threshold ->
            Half = Dim div 2,
            [Master ! {work, ARow + I, AColumn + K, BRow + K, BColumn + J,
                       CRow + I, CColumn + J, Half}
             || I <- [0, Half], J <- [0, Half], K <- [0, Half]],
            Master ! done,
            worker(Parts, Length, Threshold, Master);
        {work, ARow, AColumn, BRow, BColumn, CRow, CColumn, Dim} ->
            A = block(a, ARow, AColumn, Dim),
            B = columns(block(b, BRow, BColumn, Dim)),
            Key = {CRow, CColumn},
            Part = multiply(maps:get(Key, Parts, none), A, B),
            Master ! done,
            worker(Parts#{Key => Part}, Length, Threshold, Master);
        stop ->
            Master ! {stopped, count_right(Parts, Length)}
    end.

%% A copy of a block as lists, for quick access.
block(Name, FirstRow, FirstColumn, Dim) ->
    Rows = persistent_term:get(Name),
    [begin
         Row = element(FirstRow + I, Rows),
         [element(FirstColumn + J, Row) || J <- lists:seq(1, Dim)]
     end || I <- lists:seq(1, Dim)].

columns([[] | _]) -> [];
columns(Rows) -> [[hd(Row) || Row <- Rows] | columns([tl(Row) || Row <- Rows])].

multiply(none, A, B) ->
    [[dot(Row, Column, 0.0) || Column <- B] || Row <- A];
multiply(C, A, B) ->
    [add_row(Sums, Row, B) || {Sums, Row} <- lists:zip(C, A)].

add_row([], _, []) -> [];
add_row([Sum | Sums], Row, [Column | Columns]) ->
    [dot(Row, Column, Sum) | add_row(Sums, Row, Columns)].

dot([], [], Sum) -> Sum;
dot([X | Row], [Y | Column], Sum) -> dot(Row, Column, Sum + X * Y).

%% Checks each element of its parts of the product, and counts them.
count_right(Parts, Length) ->
    lists:sum([count_rows(Part, Row, Column, Length)
               || {{Row, Column}, Part} <- maps:to_list(Parts)]).

count_rows([], _, _, _) -> 0;
count_rows([Elements | Rows], Row, Column, Length) ->
    count_row(Elements, 1.0 * Length * Row, Column)
        + count_rows(Rows, Row + 1, Column, Length).

count_row([], _, _) -> 0;
count_row([Value | Rest], Factor, Column) ->
    true = Value == Factor * Column,
    1 + count_row(Rest, Factor, Column + 1).
