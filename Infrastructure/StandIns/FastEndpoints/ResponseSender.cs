using FluentValidation.Results;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FastEndpoints;

/// <summary>Nothing, as the result of a task.</summary>
public readonly struct Void : IEquatable<Void>
{
    internal static readonly Task<Void> Task = System.Threading.Tasks.Task.FromResult(default(Void));

    /// <inheritdoc />
    public bool Equals(Void other) => true;

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is Void;

    /// <inheritdoc />
    public override int GetHashCode() => 0;

    /// <summary>Nothing equals nothing.</summary>
    public static bool operator ==(Void left, Void right) => true;

    /// <summary>Nothing equals nothing.</summary>
    public static bool operator !=(Void left, Void right) => false;
}

/// <summary>Sends an endpoint's response; the place for an application's own ways of sending.</summary>
public interface IResponseSender
{
    /// <summary>The request being answered.</summary>
    HttpContext HttpContext { get; }

    /// <summary>What is wrong with the request so far.</summary>
    List<ValidationFailure> ValidationFailures { get; }

    /// <summary>How the endpoint was configured.</summary>
    EndpointDefinition Definition { get; }
}

/// <summary>Sends an endpoint's response.</summary>
/// <typeparam name="TRequest">What the request is bound to.</typeparam>
/// <typeparam name="TResponse">What is answered.</typeparam>
/// <param name="endpoint">The endpoint.</param>
public sealed class ResponseSender<TRequest, TResponse>(Endpoint<TRequest, TResponse> endpoint) : IResponseSender
    where TRequest : notnull
{
    /// <inheritdoc />
    public HttpContext HttpContext => endpoint.HttpContext;

    /// <inheritdoc />
    public List<ValidationFailure> ValidationFailures => endpoint.ValidationFailures;

    /// <inheritdoc />
    public EndpointDefinition Definition => endpoint.Definition;

    /// <summary>Sends <paramref name="response"/> as JSON.</summary>
    public Task<Void> ResponseAsync(TResponse response, int statusCode = 200, CancellationToken cancellation = default)
    {
        endpoint.Response = response;
        return HttpContext.Response.SendAsync(response, statusCode, null, cancellation);
    }

    /// <summary>Sends 200 with <paramref name="response"/> as JSON.</summary>
    public Task<Void> OkAsync(TResponse response, CancellationToken cancellation = default)
        => ResponseAsync(response, 200, cancellation);

    /// <summary>Sends 200 without a body.</summary>
    public Task<Void> OkAsync(CancellationToken cancellation = default)
        => HttpContext.Response.SendStatusAsync(200, cancellation);

    /// <summary>Sends 201 with the address of another endpoint in <c>Location</c>.</summary>
    public Task<Void> CreatedAtAsync<TEndpoint>(
        object? routeValues = null,
        TResponse? responseBody = default,
        Http? verb = null,
        int? routeNumber = null,
        bool generateAbsoluteUrl = false,
        CancellationToken cancellation = default)
        where TEndpoint : IEndpoint
        => CreatedAtAsync(
            Definition.Host.NameOf(typeof(TEndpoint), verb, routeNumber),
            routeValues,
            responseBody,
            generateAbsoluteUrl,
            cancellation);

    /// <summary>Sends 201 with the address of the endpoint of that name in <c>Location</c>.</summary>
    public Task<Void> CreatedAtAsync(
        string endpointName,
        object? routeValues = null,
        TResponse? responseBody = default,
        bool generateAbsoluteUrl = false,
        CancellationToken cancellation = default)
    {
        var links = HttpContext.RequestServices.GetRequiredService<LinkGenerator>();
        HttpContext.Response.Headers.Location = generateAbsoluteUrl
            ? links.GetUriByName(HttpContext, endpointName, routeValues)
            : links.GetPathByName(HttpContext, endpointName, routeValues);
        return responseBody is null
            ? HttpContext.Response.SendStatusAsync(201, cancellation)
            : ResponseAsync(responseBody, 201, cancellation);
    }

    /// <summary>Sends 204.</summary>
    public Task<Void> NoContentAsync(CancellationToken cancellation = default)
        => HttpContext.Response.SendStatusAsync(204, cancellation);

    /// <summary>Sends 404 without a body.</summary>
    public Task<Void> NotFoundAsync(CancellationToken cancellation = default)
        => HttpContext.Response.SendStatusAsync(404, cancellation);

    /// <summary>Sends 401 without a body.</summary>
    public Task<Void> UnauthorizedAsync(CancellationToken cancellation = default)
        => HttpContext.Response.SendStatusAsync(401, cancellation);

    /// <summary>Sends 403 without a body.</summary>
    public Task<Void> ForbiddenAsync(CancellationToken cancellation = default)
        => HttpContext.Response.SendStatusAsync(403, cancellation);

    /// <summary>Sends what is wrong with the request.</summary>
    public Task<Void> ErrorsAsync(int statusCode = 400, CancellationToken cancellation = default)
        => HttpContext.Response.SendJsonAsync(
            Definition.Host.Config.Errors.ResponseBuilder(ValidationFailures, HttpContext, statusCode),
            statusCode,
            Definition.Host.ErrorContentType,
            null,
            cancellation);

    /// <summary>Sends what <paramref name="result"/> sends.</summary>
    public async Task<Void> ResultAsync(IResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        HttpContext.MarkResponseStart();
        await result.ExecuteAsync(HttpContext);
        return default;
    }

    /// <summary>Sends text.</summary>
    public async Task<Void> StringAsync(
        string content,
        int statusCode = 200,
        string contentType = "text/plain; charset=utf-8",
        CancellationToken cancellation = default)
    {
        HttpContext.MarkResponseStart();
        HttpContext.Response.StatusCode = statusCode;
        HttpContext.Response.ContentType = contentType;
        await HttpContext.Response.WriteAsync(content, cancellation.Or(HttpContext));
        return default;
    }

    /// <summary>Sends a stream, as a file when it has a name, in ranges when they are asked for and enabled.</summary>
    public Task<Void> StreamAsync(
        Stream stream,
        string? fileName = null,
        long? fileLengthBytes = null,
        string contentType = "application/octet-stream",
        DateTimeOffset? lastModified = null,
        bool enableRangeProcessing = false,
        CancellationToken cancellation = default)
    {
        if (fileLengthBytes is { } length && !stream.CanSeek) HttpContext.Response.ContentLength = length;
        return ResultAsync(Results.Stream(stream, contentType, fileName, lastModified, null, enableRangeProcessing));
    }
}
