using Microsoft.Data.Sqlite;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;

namespace Tests.Infrastructure.Persistence;

/// <summary>What the database itself makes sure of, and what an audit finds when somebody got around it.</summary>
public sealed class LedgerTests : IAsyncLifetime
{
    const string Alter = "DROP TRIGGER LedgerEntries_keep; UPDATE LedgerEntries SET ";
    const string Back = "(SELECT Id FROM Transfers WHERE Reference = 'back')";

    static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    readonly TestDatabase _database = new();
    readonly Account _one = new(AccountKind.External, null, "one", "EUR", Now);
    readonly Account _two = new(AccountKind.Shop, null, "two", "EUR", Now);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync();
        await _database.Writer.RunAsync(
            async (scope, ct) =>
            {
                scope.Db.AddRange(_one, _two);
                await scope.Db.SaveChangesAsync(ct);
                scope.Post(new Posting(_one.Id, _two.Id, 100, null), Now);
                scope.Post(new Posting(_two.Id, _one.Id, 30, "back"), Now);
            },
            Ct);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Writes_two_entries_for_each_transfer()
    {
        var found = await AuditAsync();
        Assert.Equal((2, 2, 4), (found.Accounts, found.Transfers, found.Entries));
        Assert.Empty(found.Mismatches);
    }

    [Theory]
    [InlineData("UPDATE Transfers SET AmountMinor = 1", "transfers never change")]
    [InlineData("DELETE FROM Transfers", "transfers are never deleted")]
    [InlineData("UPDATE LedgerEntries SET AmountMinor = 1", "ledger entries never change")]
    [InlineData("DELETE FROM LedgerEntries", "ledger entries are never deleted")]
    public async Task Is_only_ever_added_to(string sql, string refusal)
    {
        var error = await Assert.ThrowsAsync<SqliteException>(() => ExecuteAsync(sql));
        Assert.Contains(refusal, error.Message, StringComparison.Ordinal);
        Assert.Empty((await AuditAsync()).Mismatches);
    }

    [Theory]
    // As SQLite would store the sum of two integers that is too large for one.
    [InlineData("UPDATE Accounts SET BalanceMinor = 9223372036854775807 + BalanceMinor", "CK_Accounts_Balance")]
    [InlineData("UPDATE Accounts SET BalanceMinor = 9007199254740992", "CK_Accounts_Balance")]
    [InlineData("UPDATE Accounts SET BalanceMinor = 'much'", "CK_Accounts_Balance")]
    [InlineData("UPDATE Accounts SET BalanceMinor = -1 WHERE Kind = 3", "CK_Accounts_Funds")]
    [InlineData("UPDATE Accounts SET Kind = 1 WHERE Kind = 3", "CK_Accounts_Owner")]
    public async Task Holds_no_balance_that_cannot_be(string sql, string constraint)
    {
        var error = await Assert.ThrowsAsync<SqliteException>(() => ExecuteAsync(sql));
        Assert.Equal(19, error.SqliteErrorCode);
        Assert.Equal(275, error.SqliteExtendedErrorCode);
        Assert.Contains(constraint, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Has_one_account_of_each_kind_for_a_currency()
    {
        var again = await _database.Writer.RunAsync(
            (scope, _) => Task.FromResult((
                scope.OwnAccount(AccountKind.Shop, "EUR", Now),
                scope.OwnAccount(AccountKind.Shop, "USD", Now),
                scope.OwnAccount(AccountKind.Shop, "USD", Now))),
            Ct);
        Assert.Equal(_two.Id, again.Item1);
        Assert.Equal(again.Item2, again.Item3);
        await Assert.ThrowsAsync<SqliteException>(() => ExecuteAsync("UPDATE Accounts SET Currency = 'EUR'"));
    }

    [Theory]
    [InlineData("account_balance", "UPDATE Accounts SET BalanceMinor = BalanceMinor + 1 WHERE Kind = 3")]
    [InlineData("account_balance", "UPDATE Accounts SET EntryCount = 9 WHERE Kind = 3")]
    [InlineData("transfer_entries", """
        DROP TRIGGER Transfers_keep; UPDATE Transfers SET AmountMinor = 99 WHERE AmountMinor = 100
        """)]
    [InlineData("transfer_entries", """
        DROP TRIGGER LedgerEntries_stay; DELETE FROM LedgerEntries WHERE AmountMinor = 100
        """)]
    [InlineData("transfer_entries", Alter + "AmountMinor = -99 WHERE AmountMinor = -100")]
    [InlineData("transfer_entries", Alter + "AmountMinor = 99 WHERE AmountMinor = 100")]
    [InlineData("transfer_entries", Alter + "TransferId = " + Back + " WHERE AmountMinor = -100")]
    [InlineData("transfer_entries", Alter + "TransferId = " + Back + " WHERE AmountMinor = 100")]
    [InlineData("account_balance", Alter + "AmountMinor = 99 WHERE AmountMinor = 100")]
    [InlineData("account_balance", Alter + "BalanceAfterMinor = 71 WHERE BalanceAfterMinor = 70")]
    [InlineData("negative_balance", """
        PRAGMA ignore_check_constraints = ON; UPDATE Accounts SET BalanceMinor = -1 WHERE Kind = 3
        """)]
    [InlineData("stray_entries", """
        INSERT INTO LedgerEntries
        SELECT AccountId, 9, Id, TransferId, AmountMinor, BalanceAfterMinor FROM LedgerEntries LIMIT 1
        """)]
    public async Task Is_found_out_when_somebody_changes_it(string kind, string sql)
    {
        await ExecuteAsync(sql);
        Assert.Contains(kind, (await AuditAsync()).Mismatches.Select(m => m.Kind));
    }

    Task<LedgerFindings> AuditAsync() => new LedgerAudit(_database).RunAsync(Ct);

    // Beside the writer, as somebody with a database tool would.
    async Task ExecuteAsync(string sql)
    {
        await using var connection = _database.File.OpenWriter();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Ct);
    }
}
