using System.Globalization;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FastEndpoints.Security;

/// <summary>Registers bearer tokens as the way callers sign in.</summary>
public static class JwtExtensions
{
    internal const string Scheme = "Bearer";

    /// <summary>
    /// Adds the default scheme <c>Bearer</c>: HS256 JWTs in the Authorization header (RFC 6750, 2.1), with 60 s of
    /// clock skew. Issuer and audience are not checked; claims keep their names, and <c>role</c> is the role claim.
    /// A key of fewer than 32 bytes fails the start of the host with an <see cref="OptionsValidationException"/>.
    /// </summary>
    public static IServiceCollection AddAuthenticationJwtBearer(
        this IServiceCollection services, Action<JwtSigningOptions> signingOptions)
    {
        services.AddAuthentication(Scheme).AddScheme<JwtSchemeOptions, JwtBearerHandler>(Scheme, o =>
        {
            var signing = new JwtSigningOptions();
            signingOptions(signing);
            o.Key = Encoding.ASCII.GetBytes(signing.SigningKey ?? "");
        });
        const string TooShort = "The JWT signing key has fewer than 32 bytes.";
        services.AddOptions<JwtSchemeOptions>(Scheme)
            .Validate(o => o.Key.Length >= JwtBearer.MinKeyBytes, TooShort)
            .ValidateOnStart();
        return services;
    }
}

/// <summary>How tokens are signed.</summary>
public sealed class JwtSigningOptions
{
    /// <summary>The HS256 key; its ASCII bytes are used, at least 32 of them.</summary>
    public string? SigningKey { get; set; }
}

sealed class JwtSchemeOptions : AuthenticationSchemeOptions { public byte[] Key { get; set; } = []; }

/// <summary>Signs callers in by the Authorization header; its challenges and refusals write no body.</summary>
sealed class JwtBearerHandler(IOptionsMonitor<JwtSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<JwtSchemeOptions>(options, logger, encoder)
{
    const string Prefix = JwtExtensions.Scheme + " ";

    JwtResult? _refused;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var headers = Request.Headers.Authorization;
        var header = headers.FirstOrDefault(h => h?.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) == true);
        var token = header.AsSpan(header is null ? 0 : Prefix.Length).Trim(' ');
        if (token.IsEmpty) return Task.FromResult(AuthenticateResult.NoResult());

        // Two headers are two answers to the question who is calling: neither counts.
        var result = headers.Count == 1
            ? JwtVerifier.Verify(token, Options.Key, TimeProvider.GetUtcNow())
            : new(JwtOutcome.Malformed);
        if (result.Identity is { } identity)
            return Task.FromResult(AuthenticateResult.Success(new(new ClaimsPrincipal(identity), Scheme.Name)));

        _refused = result;
        return Task.FromResult(AuthenticateResult.Fail(Describe(result) ?? "The token is malformed"));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        await HandleAuthenticateOnceSafeAsync();
        var challenge = JwtExtensions.Scheme;
        if (_refused is { } refused)
        {
            challenge = Prefix + "error=\"invalid_token\"";
            if (Describe(refused) is { } description) challenge += $", error_description=\"{description}\"";
        }

        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.Append("WWW-Authenticate", challenge);
    }

    /// <summary>The texts of ASP.NET Core's own handler, by which an expired token is told from a bad one.</summary>
    static string? Describe(JwtResult result) => result.Outcome switch
    {
        JwtOutcome.Expired => $"The token expired at '{Text(result.Moment)}'",
        JwtOutcome.NotYetValid => $"The token is not valid before '{Text(result.Moment)}'",
        JwtOutcome.NoExpiry => "The token has no expiration",
        JwtOutcome.BadSignature => "The signature is invalid",
        _ => null,
    };

    static string Text(long seconds)
        => DateTime.UnixEpoch.AddSeconds(Math.Min(seconds, 253_402_300_799)).ToString(CultureInfo.InvariantCulture);
}
