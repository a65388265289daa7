using FluentValidation.Results;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FastEndpoints;

#pragma warning disable CA1815 // There is nothing to compare.
/// <summary>Nothing, as the result of a task.</summary>
public readonly struct Void;
#pragma warning restore CA1815

/// <summary>Sends an endpoint's response; the place for an application's own ways of sending.</summary>
public interface IResponseSender
{
    /// <summary>The request being answered.</summary>
    HttpContext HttpContext { get; }
    /// <summary>What is wrong with the request so far.</summary>
    List<ValidationFailure> ValidationFailures { get; }
}

/// <summary>Sends an endpoint's response.</summary>
/// <param name="endpoint">The endpoint.</param>
public sealed class ResponseSender<TRequest, TResponse>(Endpoint<TRequest, TResponse> endpoint) : IResponseSender
    where TRequest : notnull
{
    /// <inheritdoc />
    public HttpContext HttpContext => endpoint.HttpContext;
    /// <inheritdoc />
    public List<ValidationFailure> ValidationFailures => endpoint.ValidationFailures;

    HttpResponse Rsp => endpoint.HttpContext.Response;

    Task<Void> Status(int status, CancellationToken cancellation) => Rsp.SendStatusAsync(status, cancellation);

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
    public Task<Void> OkAsync(CancellationToken cancellation = default) => Status(200, cancellation);
    /// <summary>Sends 204.</summary>
    public Task<Void> NoContentAsync(CancellationToken cancellation = default) => Status(204, cancellation);
    /// <summary>Sends 404 without a body.</summary>
    public Task<Void> NotFoundAsync(CancellationToken cancellation = default) => Status(404, cancellation);
    /// <summary>Sends 401 without a body.</summary>
    public Task<Void> UnauthorizedAsync(CancellationToken cancellation = default) => Status(401, cancellation);
    /// <summary>Sends 403 without a body.</summary>
    public Task<Void> ForbiddenAsync(CancellationToken cancellation = default) => Status(403, cancellation);

    /// <summary>Sends 201 with the address of another endpoint in <c>Location</c>.</summary>
    public Task<Void> CreatedAtAsync<TEndpoint>(
        object? routeValues = null, TResponse? responseBody = default, Http? verb = null, int? routeNumber = null,
        bool generateAbsoluteUrl = false, CancellationToken cancellation = default) where TEndpoint : IEndpoint
    {
        var name = endpoint.Definition.Host.NameOf(typeof(TEndpoint), verb, routeNumber);
        return CreatedAtAsync(name, routeValues, responseBody, generateAbsoluteUrl, cancellation);
    }

    /// <summary>Sends 201 with the address of the endpoint of that name in <c>Location</c>.</summary>
    public Task<Void> CreatedAtAsync(
        string endpointName, object? routeValues = null, TResponse? responseBody = default,
        bool generateAbsoluteUrl = false, CancellationToken cancellation = default)
    {
        var links = endpoint.Resolve<LinkGenerator>();
        Rsp.Headers.Location = generateAbsoluteUrl
            ? links.GetUriByName(HttpContext, endpointName, routeValues)
            : links.GetPathByName(HttpContext, endpointName, routeValues);
        return responseBody is null
            ? Status(201, cancellation)
            : ResponseAsync(responseBody, 201, cancellation);
    }

    /// <summary>Sends what is wrong with the request.</summary>
    public Task<Void> ErrorsAsync(int statusCode = 400, CancellationToken cancellation = default)
    {
        var host = endpoint.Definition.Host;
        var body = host.Config.Errors.ResponseBuilder(ValidationFailures, HttpContext, statusCode);
        return Rsp.SendJsonAsync(body, statusCode, host.ErrorContentType, null, cancellation);
    }

    /// <summary>Sends what a result sends.</summary>
    public async Task<Void> ResultAsync(IResult result)
    {
        HttpContext.MarkResponseStart();
        await result.ExecuteAsync(HttpContext);
        return default;
    }

    /// <summary>Sends text.</summary>
    public Task<Void> StringAsync(
        string content, int statusCode = 200, string contentType = "text/plain; charset=utf-8",
        CancellationToken cancellation = default)
        => ResultAsync(Results.Text(content, contentType, statusCode: statusCode));

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
