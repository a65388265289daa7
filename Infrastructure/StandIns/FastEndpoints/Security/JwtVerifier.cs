using System.Buffers;
using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace FastEndpoints.Security;

/// <summary>What the verifier found. From <c>NoExpiry</c> on, the token is signed by the key.</summary>
enum JwtOutcome { Valid, Malformed, BadSignature, NoExpiry, NotYetValid, Expired }

/// <summary>The caller of a valid token; else the <c>exp</c> of an expired one, the start of an early one.</summary>
readonly record struct JwtResult(JwtOutcome Outcome, ClaimsIdentity? Identity = null, long Moment = 0);

/// <summary>
/// Verifies compact HS256 JSON Web Tokens (RFC 7515, 7519) as RFC 8725 advises: one algorithm, chosen here and not by
/// the token; one spelling of each token; nothing of a token is parsed before its signature has passed.
/// </summary>
static class JwtVerifier
{
    /// <summary>The longest token that is looked at, in characters.</summary>
    public const int MaxLength = 4096;

    /// <summary>What <see cref="JwtBearer.CreateToken"/> writes first: <c>{"alg":"HS256","typ":"JWT"}</c>.</summary>
    public const string UsualHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

    // How far the clocks of issuer and verifier may be apart.
    const long SkewSeconds = 60;
    // As upstream's token validation names it.
    const string AuthenticationType = "AuthenticationTypes.Federation";
    const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const int SignatureLength = 43;

    // Extensions that must be understood are not (RFC 7515, 4.1.11), nor are compression and unencoded payloads.
    static readonly string[] UnsupportedHeaders = ["crit", "zip", "b64"];
    static readonly string[] ListClaims = ["aud", JwtBearer.RoleClaimType, "permissions"];
    static readonly SearchValues<char> AlphabetValues = SearchValues.Create(Alphabet);
    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>Verifies one token with a key of at least 32 bytes. Never throws, whatever the token holds.</summary>
    public static JwtResult Verify(ReadOnlySpan<char> token, ReadOnlySpan<byte> key, DateTimeOffset now)
    {
        if (token.Length > MaxLength) return new(JwtOutcome.Malformed);
        var headerEnd = token.IndexOf('.');
        var payloadEnd = token.LastIndexOf('.');
        if (headerEnd <= 0 || payloadEnd <= headerEnd + 1) return new(JwtOutcome.Malformed);

        // The alphabet has no dot, so a fourth part cannot hide in the middle one.
        var header = token[..headerEnd];
        var payload = token[(headerEnd + 1)..payloadEnd];
        var signature = token[(payloadEnd + 1)..];
        if (signature.Length != SignatureLength || !IsCanonical(signature)) return new(JwtOutcome.Malformed);
        if (!IsCanonical(header) || !IsCanonical(payload)) return new(JwtOutcome.Malformed);
        if (!SignatureMatches(token[..payloadEnd], signature, key)) return new(JwtOutcome.BadSignature);

        // From here on the text is the key holder's own: a stranger cannot make the JSON reader throw.
        try
        {
            return HeaderIsAccepted(header) ? ReadClaims(payload, now.ToUnixTimeSeconds()) : new(JwtOutcome.Malformed);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter is thrown for values of another kind than asked for, and for half a surrogate pair.
            return new(JwtOutcome.Malformed);
        }
    }

    /// <summary>Whether this is the one base64url spelling of its bytes: no padding, unused bits zero.</summary>
    static bool IsCanonical(ReadOnlySpan<char> text)
    {
        if (text.ContainsAnyExcept(AlphabetValues)) return false;
        var unusedBits = (text.Length % 4) switch { 0 => 0, 2 => 0b1111, 3 => 0b11, _ => -1 };
        return unusedBits >= 0 && (unusedBits == 0 || (Alphabet.IndexOf(text[^1]) & unusedBits) == 0);
    }

    static bool SignatureMatches(ReadOnlySpan<char> signed, ReadOnlySpan<char> signature, ReadOnlySpan<byte> key)
    {
        Span<byte> input = stackalloc byte[MaxLength];
        Ascii.FromUtf16(signed, input, out var length);
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, input[..length], expected);
        Base64Url.DecodeFromChars(signature, given, out _, out var written);
        return CryptographicOperations.FixedTimeEquals(expected, given[..written]);
    }

    static JsonDocument Parse(ReadOnlySpan<char> segment)
    {
        var bytes = Base64Url.DecodeFromChars(segment);
        // The JSON reader itself leaves the bytes inside strings unchecked.
        return Utf8.IsValid(bytes) ? JsonDocument.Parse(bytes, Strict) : throw new JsonException();
    }

    static bool HeaderIsAccepted(ReadOnlySpan<char> segment)
    {
        if (segment.SequenceEqual(UsualHeader)) return true;

        // kid, jku, x5u, jwk and x5c choose keys. There is one key here, so they choose nothing and are not looked at.
        using var document = Parse(segment);
        var root = document.RootElement;
        if (!root.TryGetProperty("alg", out var alg) || !alg.ValueEquals("HS256")) return false;
        if (UnsupportedHeaders.Any(name => root.TryGetProperty(name, out _))) return false;

        // Other kinds of token say so here (RFC 8725, 3.11).
        return !root.TryGetProperty("typ", out var typ)
            || string.Equals(typ.GetString(), "JWT", StringComparison.OrdinalIgnoreCase);
    }

    static JwtResult ReadClaims(ReadOnlySpan<char> segment, long now)
    {
        using var document = Parse(segment);
        var root = document.RootElement;
        var identity = new ClaimsIdentity(AuthenticationType, "name", JwtBearer.RoleClaimType);
        foreach (var member in root.EnumerateObject())
        {
            // Claims made of an array cannot be told from plain ones (RFC 7519, 4.1.3 has several values of aud only).
            if (member.Value.ValueKind != JsonValueKind.Array)
                identity.AddClaim(ToClaim(member.Name, member.Value));
            else if (ListClaims.Contains(member.Name))
                identity.AddClaims(member.Value.EnumerateArray().Select(item => ToClaim(member.Name, item)));
            else
                return new(JwtOutcome.Malformed);
        }

        var from = Math.Max(Seconds(root, "nbf") ?? 0, Seconds(root, "iat") ?? 0);
        if (Seconds(root, "exp") is not { } expires) return new(JwtOutcome.NoExpiry);
        if (from > now + SkewSeconds) return new(JwtOutcome.NotYetValid, Moment: from);
        // Last: "expired" tells the client to refresh, which only helps when nothing else is wrong.
        if (expires <= now - SkewSeconds) return new(JwtOutcome.Expired, Moment: expires);
        return new(JwtOutcome.Valid, identity);
    }

    /// <summary>Reads a NumericDate (RFC 7519, 2): absent is null; all but whole, non-negative numbers throw.</summary>
    static long? Seconds(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out var element)) return null;
        return element.TryGetInt64(out var value) && value >= 0 ? value : throw new JsonException();
    }

    static Claim ToClaim(string type, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => new(type, value.GetString()!),
        JsonValueKind.Number when value.TryGetInt64(out _) => new(type, value.GetRawText(), ClaimValueTypes.Integer64),
        JsonValueKind.Number => new(type, value.GetRawText(), ClaimValueTypes.Double),
        JsonValueKind.True or JsonValueKind.False => new(type, value.GetRawText(), ClaimValueTypes.Boolean),
        JsonValueKind.Null => new(type, "", "JSON_NULL"),
        _ => new(type, value.GetRawText(), "JSON"),
    };
}
