using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace FastEndpoints.Security;

/// <summary>What the verifier found. From <c>NoExpiry</c> on, the token is signed by the key.</summary>
enum JwtOutcome { Valid, Malformed, BadSignature, NoExpiry, NotYetValid, Expired }

/// <summary>The answer of <see cref="JwtVerifier.Verify"/>.</summary>
/// <param name="Outcome">What was found.</param>
/// <param name="Identity">The caller; null unless the token is valid.</param>
/// <param name="Moment">The <c>exp</c> of an expired token, the <c>nbf</c> or <c>iat</c> of an early one.</param>
readonly record struct JwtResult(JwtOutcome Outcome, ClaimsIdentity? Identity = null, long Moment = 0);

/// <summary>
/// Verifies compact HS256 JSON Web Tokens (RFC 7515, 7519) as RFC 8725 advises: one algorithm, chosen here and not by
/// the token; one spelling of each token; nothing of a token is parsed before its signature has passed.
/// </summary>
static class JwtVerifier
{
    /// <summary>The longest token that is looked at, in characters.</summary>
    public const int MaxLength = 4096;

    /// <summary>How far the clocks of issuer and verifier may be apart, in seconds.</summary>
    public const long SkewSeconds = 60;

    /// <summary>The type of the identities made, as upstream's token validation names it.</summary>
    public const string AuthenticationType = "AuthenticationTypes.Federation";

    /// <summary>What <see cref="JwtBearer.CreateToken"/> writes first: <c>{"alg":"HS256","typ":"JWT"}</c>.</summary>
    public const string UsualHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

    const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const int SignatureLength = 43;

    static readonly string[] UnsupportedHeaders = ["crit", "zip", "b64"];
    static readonly SearchValues<char> AlphabetValues = SearchValues.Create(Alphabet);
    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>Verifies one token. Never throws, whatever the token holds.</summary>
    /// <param name="token">What stood after <c>Bearer</c>.</param>
    /// <param name="key">The HMAC key; at least 32 bytes (RFC 7518, 3.2), which is the caller's to ensure.</param>
    /// <param name="now">The present.</param>
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
        var buffer = ArrayPool<byte>.Shared.Rent(MaxLength);
        try
        {
            return HeaderIsAccepted(header, buffer)
                ? ReadClaims(payload, buffer, now.ToUnixTimeSeconds())
                : new(JwtOutcome.Malformed);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException is what the reader throws for a string with half a surrogate pair.
            return new(JwtOutcome.Malformed);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    /// <summary>Whether this is the one base64url spelling of its bytes: no padding, no space, unused bits zero.</summary>
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

    static JsonDocument? Parse(ReadOnlySpan<char> segment, byte[] buffer)
    {
        Base64Url.DecodeFromChars(segment, buffer, out _, out var length);

        // The JSON reader itself leaves the bytes inside strings unchecked.
        if (!Utf8.IsValid(buffer.AsSpan(0, length))) return null;

        var document = JsonDocument.Parse(buffer.AsMemory(0, length), Strict);
        if (document.RootElement.ValueKind == JsonValueKind.Object) return document;

        document.Dispose();
        return null;
    }

    static bool HeaderIsAccepted(ReadOnlySpan<char> segment, byte[] buffer)
    {
        if (segment.SequenceEqual(UsualHeader)) return true;

        using var document = Parse(segment, buffer);
        if (document is null) return false;

        // kid, jku, x5u, jwk and x5c choose keys. There is one key here, so they choose nothing and are not looked at.
        var root = document.RootElement;
        if (!TryGetText(root, "alg", out var alg) || alg != "HS256") return false;

        // An extension that must be understood is not (RFC 7515, 4.1.11), nor are compression and unencoded payloads.
        if (UnsupportedHeaders.Any(name => root.TryGetProperty(name, out _))) return false;

        // Other kinds of token say so here (RFC 8725, 3.11).
        return !root.TryGetProperty("typ", out _)
            || (TryGetText(root, "typ", out var typ) && typ.Equals("JWT", StringComparison.OrdinalIgnoreCase));
    }

    static bool TryGetText(JsonElement root, string name, [NotNullWhen(true)] out string? text)
    {
        var isText = root.TryGetProperty(name, out var element) && element.ValueKind == JsonValueKind.String;
        text = isText ? element.GetString() : null;
        return text is not null;
    }

    static JwtResult ReadClaims(ReadOnlySpan<char> segment, byte[] buffer, long now)
    {
        using var document = Parse(segment, buffer);
        if (document is null) return new(JwtOutcome.Malformed);

        var root = document.RootElement;
        if (!TryGetSeconds(root, "exp", out var expires)
            || !TryGetSeconds(root, "nbf", out var notBefore)
            || !TryGetSeconds(root, "iat", out var issued))
            return new(JwtOutcome.Malformed);
        if (expires is null) return new(JwtOutcome.NoExpiry);

        var from = Math.Max(notBefore ?? 0, issued ?? 0);
        if (from > now + SkewSeconds) return new(JwtOutcome.NotYetValid, Moment: from);

        // Last: "expired" tells the client to refresh, which only helps when nothing else is wrong.
        if (expires <= now - SkewSeconds) return new(JwtOutcome.Expired, Moment: expires.Value);

        var identity = new ClaimsIdentity(AuthenticationType, "name", JwtBearer.RoleClaimType);
        foreach (var member in root.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Array)
                identity.AddClaim(ToClaim(member.Name, member.Value));
            else
                foreach (var item in member.Value.EnumerateArray())
                    identity.AddClaim(ToClaim(member.Name, item));
        }

        return new(JwtOutcome.Valid, identity);
    }

    /// <summary>Reads a NumericDate (RFC 7519, 2): absent is null; all but whole, non-negative numbers are wrong.</summary>
    static bool TryGetSeconds(JsonElement root, string name, out long? seconds)
    {
        seconds = null;
        if (!root.TryGetProperty(name, out var element)) return true;
        if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt64(out var value) || value < 0) return false;

        seconds = value;
        return true;
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
