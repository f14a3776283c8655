%% SPDX-License-Identifier: MIT
%% fib [n]: the work of bench/savina/fib.lua.
-module(bench_fib).
-export([main/1]).

main(Args) ->
    [N] = bench_savina:args(Args, [25]),
    Value = fibonacci(N, 1, 1),
    bench_savina:run(
      #{name => "fib", unit => "actors/s", work => 2 * Value - 1,
        check => Value,
        once => fun(_) ->
                        Main = self(),
                        spawn(fun() -> call(Main) end) ! {request, N},
                        receive {response, Found} -> Found end
                end}).

call(Parent) ->
    receive
        {request, N} when N =< 2 ->
            Parent ! {response, 1};
        {request, N} ->
            Me = self(),
            spawn(fun() -> call(Me) end) ! {request, N - 1},
            spawn(fun() -> call(Me) end) ! {request, N - 2},
            receive {response, A} -> ok end,
            receive {response, B} -> ok end,
            Parent ! {response, A + B}
    end.

fibonacci(N, _, B) when N =< 2 -> B;
fibonacci(N, A, B) -> fibonacci(N - 1, B, A + B).
