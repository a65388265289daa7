using Microsoft.Data.Sqlite;
using SliceApi.Infrastructure.Http;

namespace SliceApi.Infrastructure.Persistence;

/// <summary>Turns a violated unique index into the error that it means.</summary>
public static class UniqueIndex
{
    /// <summary>One account for each e-mail address.</summary>
    public const string UserEmail = "Users.EmailKey";

    /// <summary>One product for each stock keeping unit.</summary>
    public const string ProductSku = "Products.Sku";

    const int SqliteConstraintUnique = 2067;

    /// <summary>Saves what was added or changed.</summary>
    /// <typeparam name="TConflict">What to throw when a row with the same value is there already.</typeparam>
    /// <param name="db">The database of a write.</param>
    /// <param name="column">The column that the index is on, as <c>Table.Column</c>.</param>
    /// <param name="ct">The caller's.</param>
    public static Task SaveOrThrowAsync<TConflict>(this AppDb db, string column, CancellationToken ct)
        where TConflict : ConflictException, new()
        => GuardAsync<TConflict>(column, () => db.SaveChangesAsync(ct));

    /// <summary>Runs a statement that adds or changes rows.</summary>
    /// <typeparam name="TConflict">What to throw when a row with the same value is there already.</typeparam>
    /// <param name="column">The column that the index is on, as <c>Table.Column</c>.</param>
    /// <param name="statement">Runs it.</param>
    /// <returns>How many it changed.</returns>
    public static async Task<int> GuardAsync<TConflict>(string column, Func<Task<int>> statement)
        where TConflict : ConflictException, new()
    {
        try
        {
            return await statement();
        }
        // SQLite names the columns, not the index: "UNIQUE constraint failed: Users.EmailKey".
        catch (Exception e) when ((e as SqliteException ?? e.InnerException)
            is SqliteException { SqliteExtendedErrorCode: SqliteConstraintUnique } unique
            && unique.Message.Contains(column, StringComparison.Ordinal))
        {
            throw new TConflict();
        }
    }
}
