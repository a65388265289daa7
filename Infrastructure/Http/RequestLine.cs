using System.Net;
using System.Text.Json;
using SliceApi.Infrastructure.Hosting;

namespace SliceApi.Infrastructure.Http;

/// <summary>
/// What the log says of a request. It writes itself: this line is logged tens of thousands of times a second.
/// </summary>
sealed class RequestLine(string method, string? route, int status, double milliseconds, string? user, IPAddress? client)
    : IJsonFields
{
    // A client may call its method what it likes.
    const int MaxMethodLength = 32;

    // IPv6 with a scope.
    const int MaxAddressBytes = 65;

    static readonly JsonEncodedText Method = JsonEncodedText.Encode("method");
    static readonly JsonEncodedText Route = JsonEncodedText.Encode("route");
    static readonly JsonEncodedText Status = JsonEncodedText.Encode("status");
    static readonly JsonEncodedText Milliseconds = JsonEncodedText.Encode("milliseconds");
    static readonly JsonEncodedText User = JsonEncodedText.Encode("user");
    static readonly JsonEncodedText Client = JsonEncodedText.Encode("client");

    public void Write(Utf8JsonWriter json)
    {
        json.WriteString(Method, method.AsSpan(0, Math.Min(method.Length, MaxMethodLength)));
        json.WriteString(Route, route);
        json.WriteNumber(Status, status);
        json.WriteNumber(Milliseconds, milliseconds);
        json.WriteString(User, user);
        Span<byte> address = stackalloc byte[MaxAddressBytes];
        if (client is not null && client.TryFormat(address, out var length))
            json.WriteString(Client, address[..length]);
        else
            json.WriteNull(Client);
    }

    // For the console.
    public override string ToString() => $"{method} {route} {status} in {milliseconds} ms, user {user}, from {client}";
}
