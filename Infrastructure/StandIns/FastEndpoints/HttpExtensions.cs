using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace FastEndpoints;

/// <summary>Sending without an endpoint at hand.</summary>
public static class HttpResponseExtensions
{
    /// <summary>Sends JSON, which starts the response; headers are to be set before.</summary>
    /// <param name="rsp">The response.</param>
    /// <param name="response">The body.</param>
    /// <param name="statusCode">The status.</param>
    /// <param name="jsonSerializerContext">Writes the body instead of the configured options.</param>
    /// <param name="cancellation">Ends the sending; unless given, the end of the connection does.</param>
    public static Task<Void> SendAsync<TResponse>(
        this HttpResponse rsp, TResponse response, int statusCode = 200,
        JsonSerializerContext? jsonSerializerContext = null, CancellationToken cancellation = default)
        => rsp.SendJsonAsync(
            response, statusCode, "application/json; charset=utf-8", jsonSerializerContext?.Options, cancellation);

    internal static async Task<Void> SendJsonAsync<TResponse>(
        this HttpResponse rsp, TResponse response, int statusCode, string contentType, JsonSerializerOptions? json,
        CancellationToken cancellation)
    {
        var host = rsp.HttpContext.RequestServices.GetRequiredService<EndpointHost>();
        var buffer = host.RentBuffer();
        try
        {
            // Written to memory first: the length is known, and what cannot be written fails before anything was sent.
            var type = (json ?? host.Config.Serializer.Options).GetTypeInfo(typeof(TResponse));
            JsonSerializer.Serialize(buffer.Writer, response, (JsonTypeInfo<TResponse>)type);
            rsp.StatusCode = statusCode;
            rsp.ContentType = contentType;
            rsp.ContentLength = buffer.Memory.WrittenCount;
            cancellation = cancellation.Or(rsp.HttpContext);
            if (HttpMethods.IsHead(rsp.HttpContext.Request.Method)) await rsp.StartAsync(cancellation);
            else await rsp.BodyWriter.WriteAsync(buffer.Memory.WrittenMemory, cancellation);
        }
        finally
        {
            host.Return(buffer);
        }

        return default;
    }

    internal static async Task<Void> SendStatusAsync(this HttpResponse rsp, int status, CancellationToken cancellation)
    {
        rsp.StatusCode = status;
        await rsp.StartAsync(cancellation.Or(rsp.HttpContext));
        return default;
    }

    static CancellationToken Or(this CancellationToken cancellation, HttpContext context)
        => cancellation.CanBeCanceled ? cancellation : context.RequestAborted;
}

/// <summary>What processors and middleware ask of a request.</summary>
public static class HttpContextExtensions
{
    static readonly object Mark = new();

    /// <summary>Says that a response is on its way, though nothing may have been written yet.</summary>
    public static void MarkResponseStart(this HttpContext ctx) => ctx.Items[Mark] = null;

    /// <summary>Whether a response has been sent or is on its way.</summary>
    public static bool ResponseStarted(this HttpContext ctx) => ctx.Response.HasStarted || ctx.Items.ContainsKey(Mark);

    /// <summary>A service of the request's scope.</summary>
    public static TService Resolve<TService>(this HttpContext ctx) where TService : class
        => ctx.RequestServices.GetRequiredService<TService>();
}

/// <summary>Memory that a response is written to before it is sent.</summary>
sealed class JsonBuffer
{
    internal JsonBuffer(JsonSerializerOptions options) => Writer = new(
        Memory, new() { Encoder = options.Encoder, Indented = options.WriteIndented, SkipValidation = true });

    internal ArrayBufferWriter<byte> Memory { get; } = new(1024);
    internal Utf8JsonWriter Writer { get; }
}
