using System.Security.Cryptography;

namespace Benchmarks;

/// <summary>
/// The cheapest token that still has to be checked: a user's id and an HMAC-SHA256 over it. There is no session to look
/// up and no claim to read, which favours the server that uses it.
/// </summary>
static class TextbookTokens
{
    const string Scheme = "Bearer ";

    // The server and its accounts live for one run.
    static readonly byte[] Secret = RandomNumberGenerator.GetBytes(32);

    /// <summary>A token that admits the user.</summary>
    public static string For(Guid user)
        => $"{user:N}{Convert.ToHexStringLower(HMACSHA256.HashData(Secret, user.ToByteArray()))}";

    /// <summary>Whom a header admits.</summary>
    public static Guid? Read(string? header)
        => header is { Length: 7 + 32 + 64 }
            && header.StartsWith(Scheme, StringComparison.Ordinal)
            && Guid.TryParseExact(header.AsSpan(Scheme.Length, 32), "N", out var user)
            && CryptographicOperations.FixedTimeEquals(
                HMACSHA256.HashData(Secret, user.ToByteArray()),
                Convert.FromHexString(header.AsSpan(Scheme.Length + 32)))
            ? user
            : null;
}
