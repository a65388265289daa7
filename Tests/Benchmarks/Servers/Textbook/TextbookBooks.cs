using Microsoft.Data.Sqlite;

namespace Benchmarks;

/// <summary>The books of the textbook server: how they are opened, written, and checked afterwards.</summary>
static class TextbookBooks
{
    /// <summary>The database of a server on this folder.</summary>
    public static string DatabaseIn(string folder) => Path.Combine(folder, "textbook.db");

    /// <summary>The file in this folder that <c>Scripts/transfers.lua</c> reads.</summary>
    public static string PeopleIn(string folder) => Path.Combine(folder, "people.txt");

    /// <summary>Makes the database, people and their accounts, and pays money in.</summary>
    public static void Open(TextbookDb db, string folder)
    {
        db.Database.EnsureCreated();
        // Where the money comes from: the only account that may be negative.
        var outside = new TextbookDb.Account { Currency = People.Currency };
        db.Add(outside);
        var lines = new List<string>();
        for (var i = 0; i < People.Count; i++)
        {
            var user = Guid.CreateVersion7();
            var line = TextbookTokens.For(user);
            for (var j = 0; j < People.AccountsEach; j++)
            {
                var account = new TextbookDb.Account { UserId = user, Currency = People.Currency };
                db.Add(account);
                Post(db, outside, account, People.OpeningMinor, null);
                line += $" {account.Id}";
            }

            lines.Add(line);
        }

        db.SaveChanges();
        db.ChangeTracker.Clear();
        File.WriteAllLines(PeopleIn(folder), lines);
    }

    /// <summary>Double entry on two accounts that are tracked.</summary>
    public static TextbookDb.Transfer Post(
        TextbookDb db, TextbookDb.Account from, TextbookDb.Account to, long amount, string? reference)
    {
        var transfer = new TextbookDb.Transfer
        {
            FromAccountId = from.Id,
            ToAccountId = to.Id,
            AmountMinor = amount,
            Currency = from.Currency,
            Reference = reference,
        };
        db.Add(transfer);
        Enter(from, -amount);
        Enter(to, amount);
        return transfer;

        void Enter(TextbookDb.Account account, long change)
        {
            account.BalanceMinor += change;
            account.EntryCount++;
            db.Add(new TextbookDb.LedgerEntry
            {
                AccountId = account.Id,
                Number = account.EntryCount,
                TransferId = transfer.Id,
                AmountMinor = change,
                BalanceAfterMinor = account.BalanceMinor,
            });
        }
    }

    /// <summary>Whether everything adds up, and how many transfers were made since the books were opened.</summary>
    public static (bool Balanced, long Transfers) Verify(string folder)
    {
        using var connection = new SqliteConnection($"Data Source={DatabaseIn(folder)};Pooling=False");
        connection.Open();
        var wrong = Ask("""
            SELECT (SELECT count(*) FROM Accounts a
                    WHERE BalanceMinor <> (SELECT sum(AmountMinor) FROM Entries WHERE AccountId = a.Id))
                + (SELECT count(*) FROM
                    (SELECT 1 FROM Entries GROUP BY TransferId HAVING sum(AmountMinor) <> 0 OR count(*) <> 2))
                + (SELECT count(*) FROM Accounts WHERE UserId IS NOT NULL AND BalanceMinor < 0)
            """);
        var transfers = Ask("SELECT count(*) FROM Transfers") - People.Count * People.AccountsEach;
        var complete = transfers == Ask("SELECT count(*) FROM Keys") && transfers == Ask("SELECT count(*) FROM Outbox");
        return (wrong == 0 && complete, transfers);

        long Ask(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            return (long)command.ExecuteScalar()!;
        }
    }
}
