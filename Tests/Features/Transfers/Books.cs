using System.Collections.Immutable;
using SliceApi.Infrastructure.Persistence.Entities;

namespace Tests.Features.Transfers;

enum Act
{
    Open,
    Deposit,
    Transfer,
    Look,
    Page,
    Leave,
}

/// <summary>Who acts: two who stay, one who leaves, and the administrator.</summary>
enum Who
{
    Ada,
    Bob,
    Leaver,
    Admin,
}

/// <summary>One request.</summary>
/// <param name="Act">What for.</param>
/// <param name="Who">Who sends it.</param>
/// <param name="To">
/// The account it is about, by its place among those opened; one that is not there is nobody's.
/// </param>
/// <param name="From">The account that gives.</param>
/// <param name="Amount">How much, or how many entries a page holds.</param>
/// <param name="Currency">Of an account to be opened.</param>
/// <param name="Key">The idempotency key; null for none.</param>
/// <param name="Cursor">The place, among the cursors given out, of the one that is sent; null for none.</param>
sealed record Step(
    Act Act,
    Who Who,
    int To = 0,
    int From = 0,
    long Amount = 0,
    string? Currency = null,
    string? Key = null,
    int? Cursor = null);

/// <summary>
/// What money is supposed to do, in a page: no database, nothing at once, and a new one after each step. Answers are
/// the status and what matters of the body; one that was given before begins with "again".
/// </summary>
sealed record Books
{
    /// <summary>Another with the same key is being worked on.</summary>
    public const string InUse = "409 IDEMPOTENCY_KEY_IN_USE";

    /// <summary>The key was sent with something else.</summary>
    public const string Reused = "422 IDEMPOTENCY_KEY_REUSED";

    ImmutableList<Account> Accounts { get; init; } = [];
    ImmutableList<(Who Reader, int Account, int Before)> Cursors { get; init; } = [];
    ImmutableDictionary<(Who, string), (Step Asked, string Answer)> Keys { get; init; }
        = ImmutableDictionary<(Who, string), (Step, string)>.Empty;
    bool HasLeft { get; init; }

    public int AccountCount => Accounts.Count;

    public int CursorCount => Cursors.Count;

    /// <summary>What each account holds.</summary>
    public IEnumerable<long> Balances => Accounts.Select(account => account.Balance);

    /// <summary>What is answered, and how things are afterwards.</summary>
    public (string Answer, Books After) Do(Step step) => step switch
    {
        { Who: Who.Leaver } when HasLeft => ("401 SESSION_ENDED", this),
        { Act: Act.Leave } => step.Who != Who.Admin ? ("403 FORBIDDEN", this)
            : HasLeft ? ("404 NOT_FOUND", this) : ("204", this with { HasLeft = true }),
        { Act: Act.Look } => (Reads(step.Who, step.To) || (step.Who == Who.Admin && Find(step.To) is not null)
            ? $"200 {Accounts[step.To].Balance}" : "404 NOT_FOUND", this),
        { Act: Act.Page } => Page(step),
        { Act: Act.Deposit, Who: not Who.Admin } => ("403 FORBIDDEN", this),
        { Act: Act.Open, Currency: not ("EUR" or "USD") } => ("400 VALIDATION_ERROR", this),
        { Act: not Act.Open, Amount: < 1 or > Money.Max } => ("400 VALIDATION_ERROR", this),
        { Act: Act.Transfer } when step.From == step.To => ("400 VALIDATION_ERROR", this),
        { Act: not Act.Open, Key: null } => ("400 IDEMPOTENCY_KEY_REQUIRED", this),
        _ => Once(step),
    };

    // A thing done, or forbidden by the state of things, is remembered; what is not there may be there another time.
    (string, Books) Once(Step step)
    {
        if (step.Key is null)
            return Write(step);
        if (Keys.TryGetValue((step.Who, step.Key), out var before))
            return (before.Asked == step ? $"again {before.Answer}" : Reused, this);
        var (answer, after) = Write(step);
        return answer == "404 NOT_FOUND"
            ? (answer, after)
            : (answer, after with { Keys = Keys.Add((step.Who, step.Key), (step, answer)) });
    }

    (string, Books) Write(Step step)
    {
        if (step.Act == Act.Open)
            return ($"201 0 {step.Currency}", this with { Accounts = Accounts.Add(new(step.Who, step.Currency!, [])) });
        var isDeposit = step.Act == Act.Deposit;
        if (Find(step.To) is not { } to || !(isDeposit || Reads(step.Who, step.From)))
            return ("404 NOT_FOUND", this);
        if (HasLeft && to.Owner == Who.Leaver)
            return ("409 INVALID_STATE", this);
        if (!isDeposit && Accounts[step.From].Currency != to.Currency)
            return ("409 CURRENCY_MISMATCH", this);
        if (!isDeposit && Accounts[step.From].Balance < step.Amount)
            return ("409 INSUFFICIENT_FUNDS", this);
        // What is outside has given something before: it cannot give all there is.
        if (isDeposit && step.Amount == Money.Max)
            return ("409 CONFLICT", this);
        var accounts = Accounts.SetItem(step.To, to.With(step.Amount));
        return ($"201 {step.Amount} {to.Currency}", this with
        {
            Accounts = isDeposit ? accounts : accounts.SetItem(step.From, Accounts[step.From].With(-step.Amount)),
        });
    }

    (string, Books) Page(Step step)
    {
        var before = int.MaxValue;
        if (step.Cursor is { } place)
        {
            if ((Cursors[place].Reader, Cursors[place].Account) != (step.Who, step.To))
                return ("400 INVALID_CURSOR", this);
            before = Cursors[place].Before;
        }

        if (!Reads(step.Who, step.To))
            return ("404 NOT_FOUND", this);
        var entries = Accounts[step.To].Entries.Take(before).Reverse().ToList();
        var shown = string.Concat(entries.Take((int)step.Amount).Select(entry => $" {entry.Amount}={entry.Balance}"));
        return entries.Count <= step.Amount
            ? ($"200{shown}", this)
            : ($"200{shown} ...", this with
            {
                Cursors = Cursors.Add((step.Who, step.To, entries.Count - (int)step.Amount)),
            });
    }

    bool Reads(Who who, int account) => Find(account)?.Owner == who;

    Account? Find(int account) => Accounts.ElementAtOrDefault(account);

    sealed record Account(Who Owner, string Currency, ImmutableList<(long Amount, long Balance)> Entries)
    {
        public long Balance => Entries.IsEmpty ? 0 : Entries[^1].Balance;

        public Account With(long amount) => this with { Entries = Entries.Add((amount, Balance + amount)) };
    }
}
