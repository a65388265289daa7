using SliceApi.Infrastructure.Events;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Infrastructure.Persistence;

/// <summary>Money to be moved.</summary>
/// <param name="From">The account that gives.</param>
/// <param name="To">The account that takes.</param>
/// <param name="AmountMinor">In minor units, 1 to <see cref="Money.Max"/>.</param>
/// <param name="Reference">What for; null for nothing said.</param>
public readonly record struct Posting(Guid From, Guid To, long AmountMinor, string? Reference);

/// <summary>Money that was moved.</summary>
/// <param name="Id">The transfer.</param>
/// <param name="Currency">Of both accounts.</param>
/// <param name="At">When.</param>
public readonly record struct Posted(Guid Id, string Currency, DateTimeOffset At);

/// <summary>
/// Double entry: every transfer writes one entry on each of two accounts, which sum to zero. The one way in which a
/// balance changes. Runs on prepared statements: it is the hot path of the program.
/// </summary>
public static class Ledger
{
    /// <summary>What happened to money is only ever added to. Says so again without harm.</summary>
    public const string Triggers = """
        CREATE TRIGGER IF NOT EXISTS Transfers_keep BEFORE UPDATE ON Transfers
            BEGIN SELECT RAISE(ABORT, 'transfers never change'); END;
        CREATE TRIGGER IF NOT EXISTS Transfers_stay BEFORE DELETE ON Transfers
            BEGIN SELECT RAISE(ABORT, 'transfers are never deleted'); END;
        CREATE TRIGGER IF NOT EXISTS LedgerEntries_keep BEFORE UPDATE ON LedgerEntries
            BEGIN SELECT RAISE(ABORT, 'ledger entries never change'); END;
        CREATE TRIGGER IF NOT EXISTS LedgerEntries_stay BEFORE DELETE ON LedgerEntries
            BEGIN SELECT RAISE(ABORT, 'ledger entries are never deleted'); END;
        """;

    // The guards are in the UPDATE: whoever comes second finds what the first one left. A database that locks rows
    // would have to take the two accounts in the order of their ids; here one write follows another.
    static readonly string TakeSql = $"""
        UPDATE Accounts SET BalanceMinor = BalanceMinor - $amount, EntryCount = EntryCount + 1
        WHERE Id = $from AND ClosedAt IS NULL
            AND BalanceMinor - $amount >= CASE Kind WHEN {(int)AccountKind.External} THEN -{Money.Max} ELSE 0 END
        RETURNING BalanceMinor, EntryCount, Currency
        """;

    static readonly string GiveSql = $"""
        UPDATE Accounts SET BalanceMinor = BalanceMinor + $amount, EntryCount = EntryCount + 1
        WHERE Id = $to AND Currency = $currency AND ClosedAt IS NULL AND BalanceMinor + $amount <= {Money.Max}
        RETURNING BalanceMinor, EntryCount
        """;

    const string TransferSql = """
        INSERT INTO Transfers
            (Id, FromAccountId, FromEntryNumber, ToAccountId, ToEntryNumber,
             AmountMinor, Currency, Reference, CreatedAt)
        VALUES ($id, $from, $fromNumber, $to, $toNumber, $amount, $currency, $reference, $now)
        """;

    const string EntrySql = """
        INSERT INTO LedgerEntries (AccountId, Number, Id, TransferId, AmountMinor, BalanceAfterMinor)
        VALUES ($account, $number, $id, $transfer, $amount, $balance)
        """;

    const string LookSql = "SELECT Kind, Currency, ClosedAt IS NOT NULL FROM Accounts WHERE Id = $id";

    const string FindSql = "SELECT Id FROM Accounts WHERE UserId IS NULL AND Kind = $kind AND Currency = $currency";

    const string OpenSql = """
        INSERT INTO Accounts (Id, Kind, UserId, Name, Currency, BalanceMinor, EntryCount, CreatedAt)
        VALUES ($id, $kind, NULL, $name, $currency, 0, 0, $now)
        """;

    /// <summary>Moves money. Whose accounts they are is the caller's to decide.</summary>
    /// <exception cref="NotFoundException">One of the accounts does not exist.</exception>
    /// <exception cref="ConflictException">
    /// <see cref="InsufficientFunds"/>, <see cref="CurrencyMismatch"/>, <see cref="AccountClosed"/>,
    /// <see cref="BalanceTooLarge"/>.
    /// </exception>
    public static Posted Post(this WriteScope scope, Posting posting, DateTimeOffset now)
    {
        var (amount, from, to) = (posting.AmountMinor, posting.From, posting.To);
        long fromBalance, fromNumber, toBalance, toNumber;
        string currency;
        using (var taken = scope.Prepare(TakeSql).Query(amount, from))
        {
            if (!taken.Read())
                throw WhyNot(scope, from, to, isTaken: false);
            (fromBalance, fromNumber, currency) = (taken.Number(0), taken.Number(1), taken.Text(2));
        }

        using (var given = scope.Prepare(GiveSql).Query(amount, to, currency))
        {
            if (!given.Read())
                throw WhyNot(scope, from, to, isTaken: true);
            (toBalance, toNumber) = (given.Number(0), given.Number(1));
        }

        var id = Guid.CreateVersion7(now);
        scope.Prepare(TransferSql).Execute(
            id, from, fromNumber, to, toNumber, amount, currency, posting.Reference, now.UtcTicks);
        var entry = scope.Prepare(EntrySql);
        entry.Execute(from, fromNumber, Guid.CreateVersion7(now), id, -amount, fromBalance);
        entry.Execute(to, toNumber, Guid.CreateVersion7(now), id, amount, toBalance);
        scope.Publish(new TransferMade(id));
        return new Posted(id, currency, now);
    }

    /// <summary>The books' own account of a kind in a currency, opened when it is first needed.</summary>
    public static Guid OwnAccount(this WriteScope scope, AccountKind kind, string currency, DateTimeOffset now)
    {
        using (var found = scope.Prepare(FindSql).Query((int)kind, currency))
        {
            if (found.Read())
                return found.Id(0);
        }

        var id = Guid.CreateVersion7(now);
        scope.Prepare(OpenSql).Execute(id, (int)kind, kind.ToString(), currency, now.UtcTicks);
        return id;
    }

    // What no deposit would change comes before what is missing in funds.
    static ApiException WhyNot(WriteScope scope, Guid from, Guid to, bool isTaken)
        => (Look(scope, from), Look(scope, to)) switch
        {
            (null, _) or (_, null) => new NotFoundException(),
            ({ IsClosed: true }, _) or (_, { IsClosed: true }) => new AccountClosed(),
            ({ } giver, { } taker) when giver.Currency != taker.Currency => new CurrencyMismatch(
                $"The giving account holds {giver.Currency}, the receiving one {taker.Currency}."),
            ({ Kind: not AccountKind.External }, _) when !isTaken => new InsufficientFunds(),
            _ => new BalanceTooLarge(),
        };

    static Seen? Look(WriteScope scope, Guid account)
    {
        using var row = scope.Prepare(LookSql).Query(account);
        return row.Read() ? new Seen((AccountKind)row.Number(0), row.Text(1), row.Number(2) != 0) : null;
    }

    sealed record Seen(AccountKind Kind, string Currency, bool IsClosed);
}
