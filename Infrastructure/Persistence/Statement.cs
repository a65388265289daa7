using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using static SQLitePCL.raw;

namespace SliceApi.Infrastructure.Persistence;

/// <summary>
/// A statement of the writing connection that is prepared once and run often: what a hot path uses where EF Core
/// would translate, prepare and track anew each time. Speaks to SQLite itself: the provider looks each parameter up
/// by its name and makes objects, which costs as much as the smaller statements.
/// </summary>
/// <remarks>Values are given in the order in which their parameters (<c>$name</c>) first appear in the text.</remarks>
public sealed class Statement : IDisposable
{
    const int ShortText = 256;

    readonly sqlite3 _connection;
    readonly sqlite3_stmt _statement;
    readonly int _parameters;
    bool _isRunning;

    internal Statement(SqliteConnection connection, string sql)
    {
        _connection = connection.Handle!;
        Check(sqlite3_prepare_v3(_connection, sql, SQLITE_PREPARE_PERSISTENT, out _statement));
        _parameters = sqlite3_bind_parameter_count(_statement);
    }

    /// <summary>Runs it.</summary>
    /// <returns>How many rows it changed.</returns>
    /// <exception cref="SqliteException">A constraint, a trigger or the disk refused it.</exception>
    public int Execute(params ReadOnlySpan<SqlValue> values)
    {
        using var rows = Query(values);
        while (rows.Read())
        {
        }

        return sqlite3_changes(_connection);
    }

    /// <summary>Runs it and reads what it returns. Dispose of the rows: the statement runs until then.</summary>
    public SqlRows Query(params ReadOnlySpan<SqlValue> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, _parameters);
        // Whoever left it running must not spoil it for those who come after.
        Reset();
        for (var i = 0; i < values.Length; i++)
            Check(values[i].Bind(_statement, i + 1));
        return new SqlRows(this, _statement);
    }

    /// <inheritdoc/>
    public void Dispose() => _statement.Dispose();

    internal bool Step()
    {
        // A full disk makes SQLite roll back the whole transaction by itself. What came after would commit alone.
        if (!_isRunning && sqlite3_get_autocommit(_connection) != 0)
            throw new InvalidOperationException("The transaction has ended.");
        _isRunning = true;
        var code = sqlite3_step(_statement);
        if (code == SQLITE_ROW)
            return true;
        if (code != SQLITE_DONE)
            Check(code);
        return false;
    }

    internal void Reset()
    {
        // What it returns is the error of the last step, which was thrown then.
        if (_isRunning)
            sqlite3_reset(_statement);
        _isRunning = false;
    }

    void Check(int code) => SqliteException.ThrowExceptionForRC(code, _connection);

    internal static int BindText(sqlite3_stmt statement, int index, string text)
    {
        // An empty span would be null to SQLite.
        if (text is "")
            return sqlite3_bind_text(statement, index, text);
        var room = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> bytes = text.Length <= ShortText ? stackalloc byte[room] : new byte[room];
        return sqlite3_bind_text(statement, index, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }
}

/// <summary>What a parameter is given: a number, text, bytes, an id (16 bytes, big-endian) or null.</summary>
public readonly struct SqlValue
{
    readonly object? _object;
    readonly Guid _id;
    readonly long _number;
    readonly Kind _kind;

    SqlValue(Kind kind, object? value = null, long number = 0, Guid id = default)
        => (_kind, _object, _number, _id) = (kind, value, number, id);

    enum Kind
    {
        Null,
        Number,
        Text,
        Bytes,
        Id,
    }

    /// <summary>A number.</summary>
    public static implicit operator SqlValue(long value) => new(Kind.Number, number: value);

    /// <summary>Text or null.</summary>
    public static implicit operator SqlValue(string? value) => value is null ? default : new(Kind.Text, value);

    /// <summary>Bytes or null.</summary>
    public static implicit operator SqlValue(byte[]? value) => value is null ? default : new(Kind.Bytes, value);

    /// <summary>An id.</summary>
    public static implicit operator SqlValue(Guid value) => new(Kind.Id, id: value);

    internal int Bind(sqlite3_stmt statement, int index)
    {
        switch (_kind)
        {
            case Kind.Number:
                return sqlite3_bind_int64(statement, index, _number);
            case Kind.Text:
                return Statement.BindText(statement, index, (string)_object!);
            case Kind.Bytes:
                var bytes = (byte[])_object!;
                return bytes.Length == 0
                    ? sqlite3_bind_zeroblob(statement, index, 0)
                    : sqlite3_bind_blob(statement, index, bytes);
            case Kind.Id:
                Span<byte> id = stackalloc byte[16];
                _id.TryWriteBytes(id, bigEndian: true, out _);
                return sqlite3_bind_blob(statement, index, id);
            default:
                return sqlite3_bind_null(statement, index);
        }
    }
}

/// <summary>The rows that a <see cref="Statement"/> returns, one at a time. Columns count from 0.</summary>
public readonly ref struct SqlRows
{
    readonly Statement _statement;
    readonly sqlite3_stmt _row;

    internal SqlRows(Statement statement, sqlite3_stmt row) => (_statement, _row) = (statement, row);

    /// <summary>Goes to the next row.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="SqliteException">A constraint, a trigger or the disk refused the statement.</exception>
    public bool Read() => _statement.Step();

    /// <summary>Whether the column holds nothing.</summary>
    public bool IsNull(int column) => sqlite3_column_type(_row, column) == SQLITE_NULL;

    /// <summary>A number.</summary>
    public long Number(int column) => sqlite3_column_int64(_row, column);

    /// <summary>Text.</summary>
    public string Text(int column) => sqlite3_column_text(_row, column).utf8_to_string();

    /// <summary>Bytes.</summary>
    public byte[] Bytes(int column) => sqlite3_column_blob(_row, column).ToArray();

    /// <summary>An id.</summary>
    public Guid Id(int column) => new(sqlite3_column_blob(_row, column), bigEndian: true);

    /// <summary>Ends the statement.</summary>
    public void Dispose() => _statement.Reset();
}
