using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Infrastructure.Http;

/// <summary>
/// Cursors of lists that are read from the newest row on: the place where the next page begins, signed, and good for
/// the one list, caller and filters that it was made for. The place goes into the WHERE of the next query, so a page
/// costs the same however far down it is.
/// </summary>
public sealed class Cursors(SigningKeys keys)
{
    const byte Format = 1;
    const int PlaceAt = 1;
    const int MacAt = PlaceAt + 16;
    const int MacBytes = 16;
    const int CursorBytes = MacAt + MacBytes;

    /// <summary>The place in front of every row: where a list begins.</summary>
    public static readonly Guid Start = Guid.AllBitsSet;

    /// <summary>
    /// Names a list as a caller sees it, for reading and making cursors. A list that is the same for everybody has no
    /// caller.
    /// </summary>
    /// <param name="name">The list's own name.</param>
    /// <param name="caller">Who reads it; null when it does not depend on that.</param>
    /// <param name="filters">What it is narrowed by; null for a filter that is not used.</param>
    public static string Scope(string name, Guid? caller, params ReadOnlySpan<string?> filters)
    {
        // Lengths, so that no two ways of filtering read alike.
        var scope = new StringBuilder(name).Append('|').Append(caller);
        foreach (var filter in filters)
            scope.Append('|').Append(filter?.Length ?? -1).Append(':').Append(filter);
        return scope.ToString();
    }

    /// <summary>The place after which a page begins: every row's id is less.</summary>
    /// <param name="cursor">What the client sent; null for the first page.</param>
    /// <param name="scope">Made by <see cref="Scope"/>.</param>
    /// <exception cref="BadRequestException">
    /// <c>INVALID_CURSOR</c>: it was not made here, or for another list.
    /// </exception>
    public Guid Read(string? cursor, string scope)
    {
        if (cursor is null)
            return Start;
        Span<byte> bytes = stackalloc byte[CursorBytes];
        // As many characters as these bytes take leave no bits over: each cursor has one spelling.
        if (cursor.Length != Base64Url.GetEncodedLength(CursorBytes)
            || Base64Url.DecodeFromChars(cursor, bytes, out _, out var length) != OperationStatus.Done
            || length != CursorBytes)
        {
            throw new InvalidCursor();
        }

        Span<byte> mac = stackalloc byte[MacBytes];
        Sign(bytes[..MacAt], scope, mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, bytes[MacAt..]) || bytes[0] != Format)
            throw new InvalidCursor();
        return new Guid(bytes[PlaceAt..MacAt], bigEndian: true);
    }

    /// <summary>As <see cref="Read"/>, for lists whose rows are numbered instead.</summary>
    public long ReadNumber(string? cursor, string scope)
    {
        if (cursor is null)
            return long.MaxValue;
        Span<byte> bytes = stackalloc byte[16];
        Read(cursor, scope).TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadInt64BigEndian(bytes[8..]);
    }

    /// <summary>Makes a page of rows that were read.</summary>
    /// <param name="rows">In the list's order, one more than <paramref name="limit"/> if there are more.</param>
    /// <param name="limit">How many the page holds at most.</param>
    /// <param name="scope">Made by <see cref="Scope"/>.</param>
    /// <param name="id">The id that the list is ordered by.</param>
    public CursorPage<T> Page<T>(IReadOnlyList<T> rows, int limit, string scope, Func<T, Guid> id)
        => rows.Count <= limit
            ? new CursorPage<T>(rows, limit, null)
            : new CursorPage<T>([.. rows.Take(limit)], limit, Write(id(rows[limit - 1]), scope));

    /// <summary>Makes a page of rows that were read, for lists whose rows are numbered.</summary>
    public CursorPage<T> Page<T>(IReadOnlyList<T> rows, int limit, string scope, Func<T, long> number)
        => Page(rows, limit, scope, row =>
        {
            Span<byte> bytes = stackalloc byte[16];
            bytes.Clear();
            BinaryPrimitives.WriteInt64BigEndian(bytes[8..], number(row));
            return new Guid(bytes, bigEndian: true);
        });

    string Write(Guid place, string scope)
    {
        Span<byte> bytes = stackalloc byte[CursorBytes];
        bytes[0] = Format;
        place.TryWriteBytes(bytes[PlaceAt..], bigEndian: true, out _);
        Sign(bytes[..MacAt], scope, bytes[MacAt..]);
        return Base64Url.EncodeToString(bytes);
    }

    // Half of an HMAC-SHA256 (RFC 2104, 5).
    void Sign(ReadOnlySpan<byte> place, string scope, Span<byte> mac)
    {
        var signed = new byte[place.Length + Encoding.UTF8.GetByteCount(scope)];
        place.CopyTo(signed);
        Encoding.UTF8.GetBytes(scope, signed.AsSpan(place.Length));
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(keys.Cursors, signed, whole);
        whole[..MacBytes].CopyTo(mac);
    }
}

/// <summary>Some rows of a list, and where the next ones begin.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="Limit">How many there could have been.</param>
/// <param name="Next">The cursor of the next page; null when this is the last.</param>
public sealed record CursorPage<T>(IReadOnlyList<T> Rows, int Limit, string? Next);

/// <summary>400: the cursor was not made here, was changed, or belongs to another list, caller or filter.</summary>
public sealed class InvalidCursor() : BadRequestException(
    ErrorCodes.InvalidCursor, "This cursor does not belong to this list. Begin again without one.");
