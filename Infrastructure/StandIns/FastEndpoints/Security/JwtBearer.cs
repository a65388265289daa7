using System.Buffers;
using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace FastEndpoints.Security;

/// <summary>Makes the bearer tokens that <see cref="JwtExtensions.AddAuthenticationJwtBearer"/> accepts.</summary>
public static class JwtBearer
{
    /// <summary>The claim that carries a role, one claim for each.</summary>
    internal const string RoleClaimType = "role";

    /// <summary>The shortest HS256 key, in bytes (RFC 7518, 3.2).</summary>
    internal const int MinKeyBytes = 32;

    /// <summary>How long a token without <see cref="JwtCreationOptions.ExpireAt"/> lives.</summary>
    static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(1);

    static readonly string[] OwnClaims = ["iss", "aud", "exp", "nbf", "iat"];

    /// <summary>
    /// Makes an HS256 JWT in compact form (RFC 7515, 7.1) with <c>iat</c> and <c>nbf</c> of now and <c>exp</c>.
    /// Claims are written as text; a type that was added more than once becomes an array.
    /// </summary>
    /// <param name="options">Sets the key, which is required, the lifetime and the claims.</param>
    /// <returns>The token.</returns>
    /// <exception cref="ArgumentException">The signing key is missing or shorter than 32 bytes.</exception>
    public static string CreateToken(Action<JwtCreationOptions>? options = null)
    {
        var o = new JwtCreationOptions();
        options?.Invoke(o);
        var key = Encoding.ASCII.GetBytes(o.SigningKey);
        if (key.Length < MinKeyBytes)
            throw new ArgumentException($"An HS256 signing key has at least {MinKeyBytes} bytes.", nameof(options));

        var text = $"{JwtVerifier.UsualHeader}.{Base64Url.EncodeToString(Payload(o, TimeProvider.System.GetUtcNow()))}";
        return $"{text}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(text)))}";
    }

    static ReadOnlySpan<byte> Payload(JwtCreationOptions o, DateTimeOffset now)
    {
        var expires = o.ExpireAt?.ToUniversalTime() ?? now.UtcDateTime + DefaultLifetime;
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        if (o.Issuer is not null) json.WriteString("iss", o.Issuer);
        if (o.Audience is not null) json.WriteString("aud", o.Audience);
        json.WriteNumber("exp", new DateTimeOffset(expires).ToUnixTimeSeconds());
        json.WriteNumber("iat", now.ToUnixTimeSeconds());
        json.WriteNumber("nbf", now.ToUnixTimeSeconds());

        // The options' own members win over claims of the same names: a duplicate member would make the token invalid.
        foreach (var group in o.User.AllClaims().Where(c => !OwnClaims.Contains(c.Type)).GroupBy(c => c.Type))
        {
            json.WritePropertyName(group.Key);
            var claims = group.ToList();
            if (claims.Count > 1) json.WriteStartArray();
            foreach (var claim in claims) json.WriteStringValue(claim.Value);
            if (claims.Count > 1) json.WriteEndArray();
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan;
    }
}

/// <summary>What goes into a token.</summary>
public sealed class JwtCreationOptions
{
    /// <summary>The HS256 key; its ASCII bytes are used, at least 32 of them.</summary>
    public string SigningKey { get; set; } = "";

    /// <summary>
    /// When the token ends (<c>exp</c>, cut to whole seconds); an hour from now when null. Times not marked as
    /// UTC are local.
    /// </summary>
    public DateTime? ExpireAt { get; set; }

    /// <summary>Who issues the token (<c>iss</c>); left out when null.</summary>
    public string? Issuer { get; set; }

    /// <summary>Whom the token is for (<c>aud</c>); left out when null.</summary>
    public string? Audience { get; set; }

    /// <summary>Who the caller is and may do.</summary>
    public UserPrivileges User { get; } = new();
}

/// <summary>The claims and roles of a token's owner.</summary>
public sealed class UserPrivileges
{
    /// <summary>Claims; <see cref="ClaimExtensions.Add"/> takes them as tuples.</summary>
    public List<Claim> Claims { get; } = [];

    /// <summary>Roles, each a <c>role</c> claim.</summary>
    public List<string> Roles { get; } = [];

    /// <summary>Adds a claim.</summary>
    /// <param name="claimType">Its type.</param>
    public string this[string claimType]
    {
        set => Claims.Add(new(claimType, value));
    }

    internal IEnumerable<Claim> AllClaims()
        => Claims.Concat(Roles.Select(role => new Claim(JwtBearer.RoleClaimType, role)));
}

/// <summary>Claims as tuples.</summary>
public static class ClaimExtensions
{
    /// <summary>Adds text claims.</summary>
    /// <param name="list">Where to.</param>
    /// <param name="claims">Types and values.</param>
    public static void Add(
        this ICollection<Claim> list, params ReadOnlySpan<(string ClaimType, string ClaimValue)> claims)
    {
        foreach (var (type, value) in claims) list.Add(new(type, value));
    }
}
