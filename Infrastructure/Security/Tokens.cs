using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using FastEndpoints.Security;
using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Infrastructure.Security;

/// <summary>Makes the tokens that a login hands out.</summary>
public sealed class Tokens(SigningKeys keys, Settings settings, TimeProvider clock)
{
    const int IdBytes = 16;
    const int CounterBytes = 8;
    const int SignedBytes = IdBytes + CounterBytes;
    const int TokenBytes = SignedBytes + HMACSHA256.HashSizeInBytes;

    /// <summary>How long an access token is valid.</summary>
    public TimeSpan AccessLifetime => TimeSpan.FromMinutes(settings.Jwt.AccessMinutes);

    /// <summary>How long a refresh token is valid.</summary>
    public TimeSpan RefreshLifetime => TimeSpan.FromDays(settings.Sessions.RefreshDays);

    /// <summary>A JSON Web Token (RFC 7519) that admits <paramref name="user"/> while the session lives.</summary>
    public string Access(User user, Guid sessionId)
        => JwtBearer.CreateToken(token =>
        {
            token.SigningKey = keys.AccessTokens;
            token.Issuer = settings.Jwt.Issuer;
            token.Audience = settings.Jwt.Audience;
            token.ExpireAt = (clock.GetUtcNow() + AccessLifetime).UtcDateTime;
            token.User.Claims.Add((Claims.Subject, user.Id.ToString()));
            token.User.Claims.Add((Claims.Session, sessionId.ToString()));
            token.User.Claims.Add((Claims.Email, user.Email));
            token.User.Claims.Add((Claims.Type, Claims.AccessType));
            token.User.Claims.Add((Claims.TokenId, Guid.NewGuid().ToString("N")));
            foreach (var role in user.Roles.Names())
                token.User.Roles.Add(role);
        });

    /// <summary>
    /// An opaque token that stands for one use of a session: its id, the counter and an HMAC-SHA256 over both. Nothing
    /// of it has to be stored, and the same counter always gives the same token.
    /// </summary>
    public string Refresh(Guid sessionId, long counter)
    {
        Span<byte> token = stackalloc byte[TokenBytes];
        sessionId.TryWriteBytes(token, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(token[IdBytes..], counter);
        HMACSHA256.HashData(keys.RefreshTokens, token[..SignedBytes], token[SignedBytes..]);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>Reads a refresh token made here and unchanged since; the session says whether it is current.</summary>
    public bool TryReadRefresh(string text, out Guid sessionId, out long counter)
    {
        Span<byte> token = stackalloc byte[TokenBytes];
        (sessionId, counter) = (default, 0);
        if (text.Length != Base64Url.GetEncodedLength(TokenBytes)
            || Base64Url.DecodeFromChars(text, token, out _, out var length) != OperationStatus.Done
            || length != TokenBytes)
        {
            return false;
        }

        Span<byte> signature = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(keys.RefreshTokens, token[..SignedBytes], signature);
        if (!CryptographicOperations.FixedTimeEquals(signature, token[SignedBytes..]))
            return false;
        sessionId = new Guid(token[..IdBytes], bigEndian: true);
        counter = BinaryPrimitives.ReadInt64BigEndian(token[IdBytes..]);
        // The unused bits of the last character: one token has one spelling.
        return text.AsSpan().SequenceEqual(Base64Url.EncodeToString(token));
    }
}
