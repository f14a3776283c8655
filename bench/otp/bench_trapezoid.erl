%% SPDX-License-Identifier: MIT
%% trapezoid [pieces] [workers]: the work of bench/savina/trapezoid.lua.
-module(bench_trapezoid).
-export([main/1]).

-define(LEFT, 1).
-define(RIGHT, 5).

main(Args) ->
    [Pieces, Workers] = bench_savina:args(Args, [10000000, 100]),
    bench_savina:run(
      #{name => "trapezoid", unit => "pieces/s", work => Pieces,
        check => text(simpson(10000)),
        once => fun(_) ->
                        Main = self(),
                        Master = spawn(fun() -> master(Workers, Main) end),
                        Master ! {work, ?LEFT, ?RIGHT,
                                  (?RIGHT - ?LEFT) / Pieces},
                        text(bench_savina:done())
                end}).

text(Area) -> float_to_list(Area, [{decimals, 3}]).

f(X) ->
    math:sin(math:pow(X, 3) - 1) / (X + 1)
        * math:sqrt(1 + math:exp(math:sqrt(2 * X))).

%% By Simpson's rule, to check the actors.
simpson(N) ->
    H = (?RIGHT - ?LEFT) / N,
    Inner = lists:sum([(2 + 2 * (I rem 2)) * f(?LEFT + I * H)
                       || I <- lists:seq(1, N - 1)]),
    (f(?LEFT) + f(?RIGHT) + Inner) * H / 3.

master(Workers, Main) ->
    receive
        {work, Left, Right, H} ->
            Master = self(),
            Range = (Right - Left) / Workers,
            [begin
                 From = Left + Range * I,
                 spawn(fun() -> worker(Master) end)
                     ! {work, From, From + Range, H}
             end || I <- lists:seq(0, Workers - 1)],
            Main ! {done, lists:sum([receive {result, Area} -> Area end
                                     || _ <- lists:seq(1, Workers)])}
    end.

worker(Master) ->
    receive
        {work, Left, Right, H} ->
            Master ! {result, area(0, round((Right - Left) / H), Left, H, 0.0)}
    end.

area(N, N, _, _, Sum) -> Sum;
area(I, N, Left, H, Sum) ->
    X = I * H + Left,
    area(I + 1, N, Left, H, Sum + 0.5 * (f(X) + f(X + H)) * H).
