using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FastEndpoints.Security;

/// <summary>Makes the bearer tokens that <see cref="JwtExtensions.AddAuthenticationJwtBearer"/> accepts.</summary>
public static class JwtBearer
{
    /// <summary>The claim that carries a role, one claim for each.</summary>
    internal const string RoleClaimType = "role";

    /// <summary>The shortest HS256 key, in bytes (RFC 7518, 3.2).</summary>
    internal const int MinKeyBytes = 32;

    static readonly string[] OwnClaims = ["iss", "aud", "exp", "nbf", "iat"];

    /// <summary>
    /// Makes an HS256 JWT in compact form (RFC 7515, 7.1) with <c>iat</c> and <c>nbf</c> of now and <c>exp</c>. Claims
    /// are text; a type that was added more than once becomes an array, accepted of roles and permissions only.
    /// </summary>
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

    static byte[] Payload(JwtCreationOptions o, DateTimeOffset now)
    {
        var expires = o.ExpireAt?.ToUniversalTime() ?? now.UtcDateTime.AddHours(1);
        var payload = new JsonObject
        {
            ["exp"] = new DateTimeOffset(expires).ToUnixTimeSeconds(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
        };
        if (o.Issuer is not null) payload["iss"] = o.Issuer;
        if (o.Audience is not null) payload["aud"] = o.Audience;

        // The options' own members win over claims of the same names.
        var claims = o.User.Claims.Concat(o.User.Roles.Select(role => new Claim(RoleClaimType, role)))
            .Where(claim => !OwnClaims.Contains(claim.Type));
        foreach (var group in claims.GroupBy(claim => claim.Type, claim => (JsonNode?)claim.Value))
        {
            JsonNode?[] values = [.. group];
            payload[group.Key] = values.Length == 1 ? values[0] : new JsonArray(values);
        }

        return JsonSerializer.SerializeToUtf8Bytes(payload);
    }
}

/// <summary>What goes into a token.</summary>
public sealed class JwtCreationOptions
{
    /// <summary>The HS256 key; its ASCII bytes are used, at least 32 of them.</summary>
    public string SigningKey { get; set; } = "";
    /// <summary>The end (<c>exp</c>), cut to seconds; null is in an hour. Times not marked as UTC are local.</summary>
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
    /// <summary>Adds a claim of that type.</summary>
    public string this[string claimType] { set => Claims.Add(new(claimType, value)); }
}

/// <summary>Claims as tuples.</summary>
public static class ClaimExtensions
{
    /// <summary>Adds text claims.</summary>
    public static void Add(
        this ICollection<Claim> list, params ReadOnlySpan<(string ClaimType, string ClaimValue)> claims)
    {
        foreach (var (type, value) in claims) list.Add(new(type, value));
    }
}
