namespace SliceApi.Infrastructure.Persistence.Entities;

/// <summary>Amounts of money: whole numbers of a currency's minor unit (cents).</summary>
public static class Money
{
    /// <summary>The largest amount, 2^53 - 1: up to it every JSON reader keeps whole numbers (RFC 8259, 6).</summary>
    public const long Max = 9_007_199_254_740_991;

    /// <summary>What must be true of a column that holds an amount, in SQL.</summary>
    /// <param name="column">The column's name.</param>
    /// <param name="min">The least amount that it may hold.</param>
    public static string Check(string column, long min)
        => $"typeof(\"{column}\") = 'integer' AND \"{column}\" BETWEEN {min} AND {Max}";
}
