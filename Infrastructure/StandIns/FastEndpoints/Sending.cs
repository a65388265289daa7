using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using FluentValidation.Results;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FastEndpoints;

/// <summary>Nothing, as the result of a task.</summary>
public readonly record struct Void;

/// <summary>Sends an endpoint's response; the place for an application's own ways of sending.</summary>
public interface IResponseSender
{
    /// <summary>The request being answered.</summary>
    HttpContext HttpContext { get; }
    /// <summary>What is wrong with the request so far.</summary>
    List<ValidationFailure> ValidationFailures { get; }
}

/// <summary>Sends an endpoint's response.</summary>
public sealed class ResponseSender<TRequest, TResponse>(Endpoint<TRequest, TResponse> endpoint) : IResponseSender
    where TRequest : notnull
{
    /// <inheritdoc />
    public HttpContext HttpContext => endpoint.HttpContext;
    /// <inheritdoc />
    public List<ValidationFailure> ValidationFailures => endpoint.ValidationFailures;

    HttpResponse Rsp => HttpContext.Response;

    /// <summary>Sends JSON.</summary>
    public Task<Void> ResponseAsync(TResponse response, int statusCode = 200, CancellationToken cancellation = default)
    {
        endpoint.Response = response;
        return Rsp.SendAsync(response, statusCode, null, cancellation);
    }

    /// <summary>Sends 200 with JSON.</summary>
    public Task<Void> OkAsync(TResponse response, CancellationToken cancellation = default)
        => ResponseAsync(response, 200, cancellation);
    /// <summary>Sends 200 without a body.</summary>
    public Task<Void> OkAsync(CancellationToken cancellation = default) => Rsp.SendStatusAsync(200, cancellation);
    /// <summary>Sends 204.</summary>
    public Task<Void> NoContentAsync(CancellationToken cancellation = default)
        => Rsp.SendStatusAsync(204, cancellation);

    /// <summary>Sends 201 with the address of another endpoint in <c>Location</c>.</summary>
    public Task<Void> CreatedAtAsync<TEndpoint>(
        object? routeValues = null, TResponse? responseBody = default, Http? verb = null, int? routeNumber = null,
        bool generateAbsoluteUrl = false, CancellationToken cancellation = default) where TEndpoint : IEndpoint
    {
        var host = endpoint.Definition.Host;
        var target = host.Definitions.Single(d => d.EndpointType == typeof(TEndpoint));
        var name = host.NameOf(target, verb?.ToString(), routeNumber);
        var links = endpoint.Resolve<LinkGenerator>();
        Rsp.Headers.Location = generateAbsoluteUrl
            ? links.GetUriByName(HttpContext, name, routeValues)
            : links.GetPathByName(HttpContext, name, routeValues);
        if (responseBody is null) return Rsp.SendStatusAsync(201, cancellation);
        return ResponseAsync(responseBody, 201, cancellation);
    }

    /// <summary>Sends what is wrong with the request.</summary>
    public Task<Void> ErrorsAsync(int statusCode = 400, CancellationToken cancellation = default)
    {
        var errors = endpoint.Definition.Host.Config.Errors;
        var body = errors.ResponseBuilder(ValidationFailures, HttpContext, statusCode);
        return Rsp.SendJsonAsync(body, statusCode, errors.ContentType, null, cancellation);
    }

    /// <summary>Sends what a result sends.</summary>
    public async Task<Void> ResultAsync(IResult result)
    {
        HttpContext.MarkResponseStart();
        await result.ExecuteAsync(HttpContext);
        return default;
    }

    /// <summary>Sends a stream, as a file when it has a name, in ranges when they are asked for and enabled.</summary>
    public Task<Void> StreamAsync(
        Stream stream, string? fileName = null, long? fileLengthBytes = null,
        string contentType = "application/octet-stream", DateTimeOffset? lastModified = null,
        bool enableRangeProcessing = false, CancellationToken cancellation = default)
    {
        if (!stream.CanSeek) Rsp.ContentLength = fileLengthBytes;
        return ResultAsync(Results.Stream(stream, contentType, fileName, lastModified, null, enableRangeProcessing));
    }
}

/// <summary>Sending without an endpoint at hand.</summary>
public static class HttpResponseExtensions
{
    static readonly object Mark = new();

    /// <summary>Sends JSON, which starts the response; headers are to be set before.</summary>
    public static Task<Void> SendAsync<TResponse>(
        this HttpResponse rsp, TResponse response, int statusCode = 200,
        JsonSerializerContext? jsonSerializerContext = null, CancellationToken cancellation = default)
        => rsp.SendJsonAsync(response, statusCode, "application/json", jsonSerializerContext?.Options, cancellation);

    internal static async Task<Void> SendJsonAsync<TResponse>(
        this HttpResponse rsp, TResponse response, int statusCode, string contentType, JsonSerializerOptions? json,
        CancellationToken cancellation)
    {
        json ??= rsp.HttpContext.RequestServices.GetRequiredService<EndpointHost>().Config.Serializer.Options;
        var type = (JsonTypeInfo<TResponse>)json.GetTypeInfo(typeof(TResponse));
        // Written to memory first: the length is known, and what cannot be written fails before anything was sent.
        var body = JsonSerializer.SerializeToUtf8Bytes(response, type);
        rsp.StatusCode = statusCode;
        rsp.ContentType = contentType + "; charset=utf-8";
        rsp.ContentLength = body.Length;
        await rsp.BodyWriter.WriteAsync(body, cancellation);
        return default;
    }

    internal static async Task<Void> SendStatusAsync(this HttpResponse rsp, int status, CancellationToken cancellation)
    {
        rsp.StatusCode = status;
        await rsp.StartAsync(cancellation);
        return default;
    }

    /// <summary>Says that a response is on its way, though nothing may have been written yet.</summary>
    public static void MarkResponseStart(this HttpContext ctx) => ctx.Items[Mark] = null;

    /// <summary>Whether a response has been sent or is on its way.</summary>
    public static bool ResponseStarted(this HttpContext ctx) => ctx.Response.HasStarted || ctx.Items.ContainsKey(Mark);
}
