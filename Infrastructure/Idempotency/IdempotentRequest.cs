using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence.Entities;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Infrastructure.Idempotency;

/// <summary>
/// A request that a client may send again without its effect happening twice, because it carries an
/// <c>Idempotency-Key</c> (draft-ietf-httpapi-idempotency-key-header-07).
/// </summary>
public sealed class IdempotentRequest
{
    /// <summary>The header.</summary>
    public const string Header = "Idempotency-Key";

    /// <summary>How long the answers of requests that move money are kept.</summary>
    public static readonly TimeSpan KeepForMoney = TimeSpan.FromDays(7);

    /// <summary>How long other answers are kept.</summary>
    public static readonly TimeSpan Keep = TimeSpan.FromHours(24);

    IdempotentRequest(HttpContext context, string? key, byte[] fingerprint, TimeSpan kept)
    {
        Context = context;
        UserId = context.User.Id();
        Key = key;
        Fingerprint = fingerprint;
        Kept = kept;
    }

    /// <summary>Who sent it: keys of different users have nothing to do with each other.</summary>
    public Guid UserId { get; }

    /// <summary>The key; null when none was sent.</summary>
    public string? Key { get; }

    /// <summary>
    /// SHA-256 of what was asked: method, route, route values and the members of the body, however they were ordered
    /// and spaced.
    /// </summary>
    public byte[] Fingerprint { get; }

    /// <summary>How long the answer is kept.</summary>
    public TimeSpan Kept { get; }

    internal HttpContext Context { get; }

    /// <summary>A request that is refused without a key.</summary>
    /// <exception cref="BadRequestException">
    /// <c>IDEMPOTENCY_KEY_REQUIRED</c>, or the key has not the right form.
    /// </exception>
    public static IdempotentRequest WithKey(HttpContext context, object request, TimeSpan kept)
    {
        var read = Of(context, request, kept);
        return read.Key is null ? throw new IdempotencyKeyMissing() : read;
    }

    /// <summary>A request that may carry a key.</summary>
    /// <exception cref="BadRequestException">The key has not the right form.</exception>
    public static IdempotentRequest Of(HttpContext context, object request, TimeSpan kept)
    {
        var key = ReadKey(context);
        return new IdempotentRequest(context, key, key is null ? [] : FingerprintOf(context, request), kept);
    }

    static string? ReadKey(HttpContext context)
    {
        var header = context.Request.Headers[Header];
        if (header.Count == 0)
            return null;
        var key = header.Count == 1 ? header[0]! : "";
        // A string of RFC 8941 as the draft wants it, without escapes, or bare as most clients send it.
        if (key is ['"', ..])
            key = key is [_, .. var inner, '"'] && !inner.AsSpan().ContainsAny('"', '\\') ? inner : "";
        return key.Length is >= IdempotencyKey.MinLength and <= IdempotencyKey.MaxLength
            && !key.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? key
            : throw BadRequestException.Field(
                Header,
                $"The key has {IdempotencyKey.MinLength} to {IdempotencyKey.MaxLength} visible ASCII characters, "
                + "and there is one.");
    }

    // Members of the route are no members of the body's JSON: they count as route values.
    static byte[] FingerprintOf(HttpContext context, object request)
    {
        var asked = new StringBuilder(context.Request.Method).Append(' ')
            .Append((context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText).Append('\n');
        foreach (var (name, value) in context.Request.RouteValues.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            asked.Append(name).Append('=').Append(value?.ToString()?.ToLowerInvariant()).Append('\n');
        var body = JsonSerializer.SerializeToUtf8Bytes(request, request.GetType(), Json.Options);
        return SHA256.HashData([.. Encoding.UTF8.GetBytes(asked.ToString()), .. body]);
    }
}

/// <summary>400: this route takes no request without a key.</summary>
public sealed class IdempotencyKeyMissing() : BadRequestException(
    ErrorCodes.IdempotencyKeyRequired,
    "Send an Idempotency-Key of your own making, the same again when you repeat the request: "
    + "it will have its effect once.");
