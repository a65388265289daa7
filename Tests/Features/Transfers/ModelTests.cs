using System.Collections.Immutable;
using SliceApi.Infrastructure.Persistence.Entities;

namespace Tests.Features.Transfers;

/// <summary>
/// Random requests, each answered as the model answers it. A failure names its seed and prints what was sent; to try
/// more, raise the two constants.
/// </summary>
public sealed class ModelTests(App app)
{
    const int Programs = 50;
    const int Histories = 50;

    const int Steps = 30;
    const int Clients = 3;
    const int StepsOfClient = 5;

    // Somebody's of each currency, each with something in it.
    static readonly Step[] Opening =
    [
        new(Act.Open, Who.Ada, Currency: "EUR"),
        new(Act.Open, Who.Ada, Currency: "USD"),
        new(Act.Open, Who.Bob, Currency: "EUR"),
        new(Act.Open, Who.Leaver, Currency: "EUR"),
        .. Enumerable.Range(0, 4).Select(i => new Step(Act.Deposit, Who.Admin, To: i, Amount: 10, Key: $"first-{i}")),
    ];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, Programs)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Does_with_money_what_the_model_does(int seed)
    {
        var (random, teller) = (new Random(seed), await Teller.NewAsync(app));
        var (books, sent) = (new Books(), new List<Step>());
        while (sent.Count < Opening.Length + Steps)
        {
            var step = sent.Count < Opening.Length ? Opening[sent.Count] : Next(random, books, sent);
            sent.Add(step);
            (var expected, books) = books.Do(step);
            var answer = await teller.DoAsync(step);
            Assert.True(expected == answer, $"Expected {expected}, got {answer}, after\n{string.Join('\n', sent)}");
        }

        Assert.Equal(books.Balances, await teller.BalancesAsync());
    }

    [Fact]
    public async Task Answers_clients_that_come_at_once_as_if_they_had_come_one_after_the_other()
    {
        var teller = await Teller.NewAsync(app);
        var books = new Books();
        foreach (var step in Opening)
        {
            (var expected, books) = books.Do(step);
            Assert.Equal(expected, await teller.DoAsync(step));
        }

        for (var seed = 1; seed <= Histories; seed++)
        {
            var history = await RunAtOnceAsync(teller, seed);
            var order = Explain(books, [.. history.Where(call => !IsTurnedAway(call, history))]);
            Assert.True(order is not null, $"Seed {seed}: no order explains\n{string.Join('\n', history)}");
            books = order;
        }
    }

    static async Task<List<Call>> RunAtOnceAsync(Teller teller, int seed)
    {
        var (time, history) = (0, new List<Call>());
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            var random = new Random((seed * Clients) + client);
            for (var i = 0; i < StepsOfClient; i++)
                await DoAsync(Small(random, seed));
        })));
        // In which order things happened is seen afterwards.
        foreach (var (owner, account) in new[] { (Who.Ada, 0), (Who.Ada, 1), (Who.Bob, 2) })
            await DoAsync(new Step(Act.Page, owner, account, Amount: Clients * StepsOfClient));
        return history;

        async Task DoAsync(Step step)
        {
            var began = Interlocked.Increment(ref time);
            var answer = await teller.DoAsync(step);
            lock (history)
                history.Add(new Call(step, began, answer, Interlocked.Increment(ref time)));
        }
    }

    // Wing and Gong, Testing and verifying concurrent objects, 1993: whichever of those that nothing had come before
    // may have been the first, if it was answered as the model answers it; and so on with the rest.
    static Books? Explain(Books books, ImmutableList<Call> left)
    {
        if (left.IsEmpty)
            return books;
        var firstEnd = left.Min(call => call.Ended);
        return left
            .Where(call => call.Began < firstEnd)
            .Select(call => books.Do(call.Step) is var (answer, after) && answer == call.Answer
                ? Explain(after, left.Remove(call)) : null)
            .FirstOrDefault(order => order is not null);
    }

    // By another with the same key that was being worked on: it had no effect, whatever became of the other.
    static bool IsTurnedAway(Call call, List<Call> history)
        => history.Any(other => other != call
            && (other.Step.Who, other.Step.Key) == (call.Step.Who, call.Step.Key)
            && other.Began < call.Ended && call.Began < other.Ended
            && (call.Answer == Books.InUse || (call.Answer == Books.Reused && other.Step != call.Step)));

    static Step Next(Random random, Books books, List<Step> sent)
    {
        // Sent again, or its key for something else.
        var old = sent[random.Next(sent.Count)];
        if (random.Next(6) == 0)
            return old;
        var key = random.Next(12) switch { 0 => null, 1 or 2 => old.Key, _ => $"key-{sent.Count}" };
        var (who, from, to) = ((Who)random.Next(3), Account(), Account());
        return random.Next(40) switch
        {
            < 3 => new(Act.Open, who, Currency: Pick("EUR", "USD", "eur"), Key: key),
            < 9 => new(Act.Deposit, random.Next(8) == 0 ? who : Who.Admin, to, Amount: Amount(), Key: key),
            < 25 => new(Act.Transfer, who, to, from, Amount(), Key: key),
            < 30 => new(Act.Look, (Who)random.Next(4), to),
            < 38 => new(Act.Page, who, to, Amount: 2, Cursor: random.Next(books.CursorCount * 2) is var place
                && place < books.CursorCount ? place : null),
            _ => new(Act.Leave, random.Next(2) == 0 ? who : Who.Admin),
        };

        // One more than there are.
        int Account() => random.Next(books.AccountCount + 1);

        long Amount() => random.Next(10) == 0 ? Pick(0, -1, 1000, Money.Max, Money.Max + 1) : random.Next(1, 8);

        T Pick<T>(params T[] values) => values[random.Next(values.Length)];
    }

    // About few things, so that they meet. Keys are good for one history.
    static Step Small(Random random, int history)
    {
        var (who, from, to, key) = ((Who)random.Next(2), random.Next(3), random.Next(3), $"{history}-{random.Next(4)}");
        return random.Next(8) switch
        {
            < 2 => new(Act.Look, Who.Admin, to),
            2 => new(Act.Page, who, to, Amount: 3),
            3 => new(Act.Deposit, Who.Admin, to, Amount: random.Next(1, 3), Key: key),
            _ => new(Act.Transfer, who, to, from, random.Next(1, 16), Key: key),
        };
    }

    sealed record Call(Step Step, int Began, string Answer, int Ended);
}
