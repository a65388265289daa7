using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Infrastructure.Persistence;

/// <summary>Recounts the ledger from its entries, whatever the balances say.</summary>
public sealed class LedgerAudit(IDbContextFactory<AppDb> databases)
{
    const int MaxOfEachKind = 100;

    // Each reads along the tables' keys, however many rows there are.
    static readonly (string Kind, string Sql)[] Checks =
    [
        ("transfer_entries", """
            SELECT t.Id FROM Transfers t
            LEFT JOIN LedgerEntries f ON f.AccountId = t.FromAccountId AND f.Number = t.FromEntryNumber
            LEFT JOIN LedgerEntries g ON g.AccountId = t.ToAccountId AND g.Number = t.ToEntryNumber
            WHERE f.TransferId IS NOT t.Id OR g.TransferId IS NOT t.Id
                OR f.AmountMinor IS NOT -t.AmountMinor OR g.AmountMinor IS NOT t.AmountMinor
            """),
        ("account_balance", """
            SELECT a.Id FROM Accounts a
            WHERE a.BalanceMinor <> coalesce(
                    (SELECT sum(e.AmountMinor) FROM LedgerEntries e WHERE e.AccountId = a.Id), 0)
                OR a.BalanceMinor <> coalesce(
                    (SELECT e.BalanceAfterMinor FROM LedgerEntries e
                     WHERE e.AccountId = a.Id ORDER BY e.Number DESC LIMIT 1), 0)
                OR a.EntryCount <> (SELECT count(*) FROM LedgerEntries e WHERE e.AccountId = a.Id)
            """),
        ("negative_balance", $"SELECT Id FROM Accounts WHERE BalanceMinor < 0 AND Kind <> {(int)AccountKind.External}"),
        // All transfers have their two: what is more belongs to none.
        ("stray_entries",
            "SELECT NULL WHERE (SELECT count(*) FROM LedgerEntries) <> 2 * (SELECT count(*) FROM Transfers)"),
    ];

    /// <summary>Reads everything, as it was at one moment.</summary>
    public async Task<LedgerFindings> RunAsync(CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        await db.Database.OpenConnectionAsync(ct);
        return Run((SqliteConnection)db.Database.GetDbConnection());
    }

    /// <inheritdoc cref="RunAsync"/>
    public static LedgerFindings Run(SqliteConnection connection)
    {
        // Deferred: a snapshot for reading that keeps no writer waiting.
        using var snapshot = connection.BeginTransaction(deferred: true);
        var mismatches = new List<LedgerMismatch>();
        foreach (var (kind, sql) in Checks)
        {
            mismatches.AddRange(
                Read(connection, snapshot, $"{sql} LIMIT {MaxOfEachKind}").Select(id => new LedgerMismatch(kind, id)));
        }

        return new LedgerFindings(
            Count(connection, snapshot, "Accounts"),
            Count(connection, snapshot, "Transfers"),
            Count(connection, snapshot, "LedgerEntries"),
            mismatches);
    }

    static List<Guid?> Read(SqliteConnection connection, SqliteTransaction snapshot, string sql)
    {
        using var command = new SqliteCommand(sql, connection, snapshot);
        using var reader = command.ExecuteReader();
        var ids = new List<Guid?>();
        while (reader.Read())
            ids.Add(reader.IsDBNull(0) ? null : new Guid((byte[])reader.GetValue(0), bigEndian: true));
        return ids;
    }

    static long Count(SqliteConnection connection, SqliteTransaction snapshot, string table)
    {
        using var command = new SqliteCommand($"SELECT count(*) FROM {table}", connection, snapshot);
        return (long)command.ExecuteScalar()!;
    }
}

/// <summary>What an audit of the ledger found.</summary>
/// <param name="Accounts">How many accounts there are.</param>
/// <param name="Transfers">How many transfers there are.</param>
/// <param name="Entries">How many entries there are.</param>
/// <param name="Mismatches">What is wrong; empty when the books are right.</param>
public sealed record LedgerFindings(
    long Accounts, long Transfers, long Entries, IReadOnlyList<LedgerMismatch> Mismatches);

/// <summary>One thing that is wrong with the ledger.</summary>
/// <param name="Kind">What.</param>
/// <param name="Id">The transfer or account; null when it is about all.</param>
public sealed record LedgerMismatch(string Kind, Guid? Id);
