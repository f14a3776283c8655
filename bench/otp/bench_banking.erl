%% SPDX-License-Identifier: MIT
%% banking [accounts] [transactions]: the work of bench/savina/banking.lua. An
%% account waits for the answer as gen_server:call does: a monitor whose
%% reference is the tag.
-module(bench_banking).
-export([main/1]).

main(Args) ->
    [Accounts, Transactions] = bench_savina:args(Args, [1000, 50000]),
    bench_savina:run(
      #{name => "banking", unit => "transactions/s", work => Transactions,
        check => weighed(expected(Accounts, Transactions)),
        once => fun(_) -> once(Accounts, Transactions) end}).

once(Accounts, Transactions) ->
    Main = self(),
    Ids = lists:seq(1, Accounts),
    All = list_to_tuple([bench_savina:spawn_queued(fun() -> account(0) end)
                         || _ <- Ids]),
    Teller = spawn(fun() -> teller(All, Transactions, Main) end),
    Teller ! start,
    weighed(maps:from_list([receive {balance, Id, N} -> {Id, N} end
                            || Id <- Ids])).

teller(All, Transactions, Main) ->
    receive start -> ok end,
    send(All, Transactions, 123456),
    [receive reply -> ok end || _ <- lists:seq(1, Transactions)],
    [element(Id, All) ! {stop, Main, Id} || Id <- lists:seq(1, tuple_size(All))].

send(_All, 0, _Random) -> ok;
send(All, Left, Random) ->
    {From, To, Amount} = order(Random, tuple_size(All)),
    element(From, All) ! {credit, Amount, element(To, All), self()},
    send(All, Left - 1, Amount).

%% The amount is the last number drawn.
order(Random0, Accounts) ->
    Random1 = bench_savina:random(Random0),
    Random2 = bench_savina:random(Random1),
    From = Random1 rem (Accounts div 10 * 8),
    To = From + max(Random2 rem (Accounts - From), 1),
    {From + 1, To + 1, bench_savina:random(Random2)}.

account(Balance) ->
    receive
        {debit, Amount, From, Ref} ->
            From ! {Ref, true},
            account(Balance + Amount);
        {credit, Amount, To, Teller} ->
            ask(To, Amount),
            Teller ! reply,
            account(Balance - Amount);
        {stop, Main, Id} ->
            Main ! {balance, Id, Balance}
    end.

ask(To, Amount) ->
    Ref = monitor(process, To),
    To ! {debit, Amount, self(), Ref},
    receive
        {Ref, true} -> demonitor(Ref, [flush]);
        {'DOWN', Ref, process, _, Reason} -> exit(Reason)
    after 5000 -> exit(timeout)
    end.

expected(Accounts, Transactions) ->
    None = maps:from_list([{Id, 0} || Id <- lists:seq(1, Accounts)]),
    expected(Transactions, Accounts, 123456, None).

expected(0, _, _, Balances) -> Balances;
expected(Left, Accounts, Random, Balances) ->
    {From, To, Amount} = order(Random, Accounts),
    #{From := A, To := B} = Balances,
    expected(Left - 1, Accounts, Amount,
             Balances#{From := A - Amount, To := B + Amount}).

weighed(Balances) ->
    lists:sum([Id * Balance || {Id, Balance} <- maps:to_list(Balances)]).
