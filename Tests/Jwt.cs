using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Tests;

/// <summary>Tokens as somebody makes them who has the key, or has not.</summary>
static class Jwt
{
    /// <summary>The payload of a token, unverified.</summary>
    public static JsonObject Payload(string token)
        => JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!.AsObject();

    /// <summary>The same token with another payload, signed with the server's key.</summary>
    public static string With(string token, Action<JsonObject> change, string? header = null)
    {
        var payload = Payload(token);
        change(payload);
        return Sign(header ?? """{"alg":"HS256","typ":"JWT"}""", payload.ToJsonString(), App.SigningKey);
    }

    /// <summary>A token of any header and payload.</summary>
    public static string Sign(string header, string payload, string key)
    {
        var signed = $"{Encode(header)}.{Encode(payload)}";
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.ASCII.GetBytes(signed));
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
