using FastEndpoints;

namespace SliceApi.Infrastructure.Http;

/// <summary>
/// An endpoint that takes a <typeparamref name="TRequest"/> and answers with an enveloped
/// <typeparamref name="TResponse"/>.
/// </summary>
public abstract class ApiEndpoint<TRequest, TResponse> : Endpoint<TRequest, Envelope<TResponse>>
    where TRequest : notnull;

/// <summary>An endpoint that takes nothing and answers with an enveloped <typeparamref name="TResponse"/>.</summary>
public abstract class ApiEndpoint<TResponse> : EndpointWithoutRequest<Envelope<TResponse>>;

/// <summary>How endpoints answer: everything in its envelope.</summary>
public static class Sends
{
    /// <summary>200 with what was asked for.</summary>
    public static Task DataAsync<T>(this IResponseSender sender, T data, CancellationToken ct)
        => sender.EnvelopeAsync(data, StatusCodes.Status200OK, ct);

    /// <summary>
    /// 200 with what was asked for and its strong <c>ETag</c>, or 304 when the client has this version already
    /// (<c>If-None-Match</c>; RFC 9110, 13.1.2).
    /// </summary>
    public static Task VersionedAsync<T>(this IResponseSender sender, T data, long version, CancellationToken ct)
    {
        var context = sender.HttpContext;
        var tag = ETags.Of(version);
        context.Response.Headers.ETag = tag;
        if (!ETags.Matches(context.Request.Headers.IfNoneMatch, tag))
            return sender.DataAsync(data, ct);
        context.MarkResponseStart();
        context.Response.StatusCode = StatusCodes.Status304NotModified;
        return context.Response.StartAsync(ct);
    }

    /// <summary>200 with what a change led to and its new <c>ETag</c>.</summary>
    public static Task ChangedAsync<T>(this IResponseSender sender, T data, long version, CancellationToken ct)
    {
        sender.HttpContext.Response.Headers.ETag = ETags.Of(version);
        return sender.DataAsync(data, ct);
    }

    /// <summary>200 with one page of a list.</summary>
    public static Task PageAsync<T>(
        this IResponseSender sender, IReadOnlyList<T> rows, int page, int pageSize, int total, CancellationToken ct)
    {
        var pages = (int)Math.Ceiling(total / (double)pageSize);
        return sender.EnvelopeAsync(rows, StatusCodes.Status200OK, ct, new PagePosition(page, pageSize, total, pages));
    }

    /// <summary>200 with some rows of a list and the cursor of the next.</summary>
    public static Task ListAsync<T>(this IResponseSender sender, CursorPage<T> page, CancellationToken ct)
        => sender.EnvelopeAsync(page.Rows, StatusCodes.Status200OK, ct, new CursorPosition(page.Limit, page.Next));

    /// <summary>201 with what was made and where it is found, relative to the API's root.</summary>
    public static Task CreatedAsync<T>(this IResponseSender sender, string location, T data, CancellationToken ct)
    {
        sender.HttpContext.Response.Headers.Location = HttpSetup.ApiRoot + location;
        return sender.EnvelopeAsync(data, StatusCodes.Status201Created, ct);
    }

    /// <summary>204: done, and there is nothing to say.</summary>
    public static Task NothingAsync(this IResponseSender sender, CancellationToken ct)
    {
        sender.HttpContext.MarkResponseStart();
        sender.HttpContext.Response.StatusCode = StatusCodes.Status204NoContent;
        return sender.HttpContext.Response.StartAsync(ct);
    }

    static async Task EnvelopeAsync<T>(
        this IResponseSender sender, T data, int status, CancellationToken ct, Pagination? pagination = null)
        => await sender.HttpContext.Response.SendAsync(
            new Envelope<T>(data, null, Meta.Of(sender.HttpContext) with { Pagination = pagination }),
            status,
            cancellation: ct);
}
