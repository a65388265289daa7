using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace SliceApi.Infrastructure.Persistence;

/// <summary>
/// A statement of the writing connection that is prepared once and run often: what a hot path uses where EF Core would
/// translate, prepare and track anew each time.
/// </summary>
/// <remarks>
/// Values are given in the order in which their parameters (<c>$name</c>) first appear in the text: numbers, text and
/// null as they are, ids with <see cref="Of(Guid)"/>.
/// </remarks>
public sealed partial class Statement : IDisposable
{
    readonly SqliteCommand _command;
    SqliteDataReader? _reader;

    internal Statement(SqliteConnection connection, string sql)
    {
        _command = connection.CreateCommand();
        _command.CommandText = sql;
        foreach (var name in ParameterNames().Matches(sql).Select(match => match.Value).Distinct())
            _command.Parameters.Add(new SqliteParameter { ParameterName = name });
    }

    internal SqliteTransaction? Transaction
    {
        set => _command.Transaction = value;
    }

    /// <summary>Runs it.</summary>
    /// <returns>How many rows it changed.</returns>
    public int Execute(params ReadOnlySpan<object?> values)
    {
        Bind(values);
        return _command.ExecuteNonQuery();
    }

    /// <summary>Runs it and reads what it returns. Dispose of the reader: the statement runs until then.</summary>
    public SqliteDataReader Query(params ReadOnlySpan<object?> values)
    {
        Bind(values);
        return _reader = _command.ExecuteReader();
    }

    /// <summary>An id as it is stored.</summary>
    public static byte[] Of(Guid id) => id.ToByteArray(bigEndian: true);

    /// <summary>An id as it was stored.</summary>
    public static Guid ToGuid(SqliteDataReader reader, int column) => new((byte[])reader.GetValue(column), bigEndian: true);

    /// <inheritdoc/>
    public void Dispose() => _command.Dispose();

    void Bind(ReadOnlySpan<object?> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, _command.Parameters.Count);
        // Whoever left it open must not spoil the statement for those who come after.
        _reader?.Dispose();
        for (var i = 0; i < values.Length; i++)
            _command.Parameters[i].Value = values[i] ?? DBNull.Value;
    }

    [GeneratedRegex(@"\$\w+", RegexOptions.CultureInvariant)]
    private static partial Regex ParameterNames();
}
