using System.Security.Claims;

namespace SliceApi.Infrastructure.Security;

/// <summary>The claims of an access token (RFC 7519, 4.1, and the API's own).</summary>
public static class Claims
{
    /// <summary>The user's id.</summary>
    public const string Subject = "sub";

    /// <summary>The session's id.</summary>
    public const string Session = "sid";

    /// <summary>The user's e-mail address when the token was issued.</summary>
    public const string Email = "email";

    /// <summary>A role; one claim for each.</summary>
    public const string Role = "role";

    /// <summary>What the token is for.</summary>
    public const string Type = "type";

    /// <summary>The value of <see cref="Type"/> in an access token.</summary>
    public const string AccessType = "access";

    /// <summary>Names one token among all.</summary>
    public const string TokenId = "jti";

    /// <summary>Who issued the token.</summary>
    public const string Issuer = "iss";

    /// <summary>Whom the token is for.</summary>
    public const string Audience = "aud";

    /// <summary>When the token was issued, in seconds since 1970.</summary>
    public const string IssuedAt = "iat";
}

/// <summary>Who is calling; only behind an endpoint that requires a signed-in user.</summary>
public static class CurrentUser
{
    /// <summary>The caller's user id.</summary>
    public static Guid Id(this ClaimsPrincipal user) => Guid.ParseExact(user.FindFirstValue(Claims.Subject)!, "D");

    /// <summary>The id of the session the caller is using.</summary>
    public static Guid SessionId(this ClaimsPrincipal user)
        => Guid.ParseExact(user.FindFirstValue(Claims.Session)!, "D");
}
