using Microsoft.Data.Sqlite;

namespace Benchmarks;

/// <summary>An account with a million entries, written past the API into a database that the API has made.</summary>
static class LongStatement
{
    /// <summary>How many entries the account has afterwards.</summary>
    public const long Entries = 1_000_000;

    /// <summary>What the one deposit was that the API made, in minor units.</summary>
    public const long OpeningMinor = 1000;

    /// <summary>
    /// Adds deposits of 1 to an account that the API has made and paid <see cref="OpeningMinor"/> into: transfers, both
    /// entries of each, both balances. The books balance afterwards.
    /// </summary>
    /// <param name="folder">The data folder, which no server holds.</param>
    /// <param name="account">The account.</param>
    /// <param name="stop">Ends it early.</param>
    public static void Write(string folder, Guid account, CancellationToken stop)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "sliceapi.db")};Pooling=False");
        connection.Open();
        var to = account.ToByteArray(bigEndian: true);
        var (from, outside) = FindGiver(connection, to);

        using var transaction = connection.BeginTransaction();
        using var transfer = Prepare(connection, """
            INSERT INTO Transfers
                (Id, FromAccountId, FromEntryNumber, ToAccountId, ToEntryNumber, AmountMinor, Currency, CreatedAt)
            VALUES ($1, $2, $3, $4, $3, 1, $5, $6)
            """);
        using var entry = Prepare(connection, """
            INSERT INTO LedgerEntries (AccountId, Number, Id, TransferId, AmountMinor, BalanceAfterMinor)
            VALUES ($1, $2, $3, $4, $5, $6)
            """);
        var now = DateTimeOffset.UtcNow;
        for (var number = 2L; number <= Entries; number++)
        {
            stop.ThrowIfCancellationRequested();
            // In the order of time, as the API would have made them.
            var at = now.AddMilliseconds(number - Entries);
            var id = Id(at);
            Execute(transfer, id, from, number, to, People.Currency, at.UtcTicks);
            Execute(entry, from, number, Id(at), id, -1L, outside - (number - 1));
            Execute(entry, to, number, Id(at), id, 1L, BalanceAfter(number));
        }

        using var balance = Prepare(connection, "UPDATE Accounts SET BalanceMinor = $1, EntryCount = $2 WHERE Id = $3");
        Execute(balance, outside - (Entries - 1), Entries, from);
        Execute(balance, BalanceAfter(Entries), Entries, to);
        transaction.Commit();
    }

    /// <summary>What the account held after one of its entries, in minor units; entries count from 1.</summary>
    public static long BalanceAfter(long number) => OpeningMinor + number - 1;

    // The account outside the books that the one deposit came from.
    static (byte[] Id, long Balance) FindGiver(SqliteConnection connection, byte[] to)
    {
        using var find = Prepare(connection, """
            SELECT a.Id, a.BalanceMinor FROM Transfers t JOIN Accounts a ON a.Id = t.FromAccountId
            WHERE t.ToAccountId = $1 AND a.EntryCount = 1
            """);
        find.Parameters.AddWithValue("$1", to);
        using var row = find.ExecuteReader();
        return row.Read()
            ? ((byte[])row.GetValue(0), row.GetInt64(1))
            : throw new BenchmarkException("The account has not the one deposit that it should have.");
    }

    static byte[] Id(DateTimeOffset at) => Guid.CreateVersion7(at).ToByteArray(bigEndian: true);

    static SqliteCommand Prepare(SqliteConnection connection, string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    static void Execute(SqliteCommand command, params object[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (command.Parameters.Count == i)
                command.Parameters.Add(new SqliteParameter { ParameterName = $"${i + 1}" });
            command.Parameters[i].Value = values[i];
        }

        command.ExecuteNonQuery();
    }
}
