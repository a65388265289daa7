using System.Text.Json.Serialization;

namespace SliceApi.Infrastructure.Http;

/// <summary>
/// What every response's body looks like: exactly one of <paramref name="Data"/> and <paramref name="Error"/>.
/// </summary>
/// <typeparam name="T">What the request asked for.</typeparam>
/// <param name="Data">What the request asked for.</param>
/// <param name="Error">Why there is none.</param>
/// <param name="Meta">About the response itself.</param>
public sealed record Envelope<T>(T? Data, ApiError? Error, Meta Meta);

/// <summary>Why a request failed.</summary>
/// <param name="Code">One of <see cref="ErrorCodes"/>: branch on this.</param>
/// <param name="Message">For a developer to read; may change.</param>
/// <param name="Details">For a refused body or query: each field's path and what is wrong with it.</param>
/// <param name="Retryable">Whether the same request may succeed later.</param>
public sealed record ApiError(
    string Code, string Message, IReadOnlyDictionary<string, IReadOnlyList<string>>? Details, bool Retryable);

/// <summary>About a response.</summary>
/// <param name="RequestId">Names this request in the log; equal to the header <c>X-Request-Id</c>.</param>
/// <param name="Timestamp">When the response was made.</param>
/// <param name="Pagination">Where in a list this is; absent where there is none.</param>
public sealed record Meta(string RequestId, DateTimeOffset Timestamp, Pagination? Pagination = null)
{
    /// <summary>The meta of the response to <paramref name="context"/>'s request.</summary>
    public static Meta Of(HttpContext context)
        => new(context.TraceIdentifier, context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
}

/// <summary>Where in a list a response is.</summary>
[JsonDerivedType(typeof(PagePosition))]
[JsonDerivedType(typeof(CursorPosition))]
public abstract record Pagination;

/// <summary>Where in a list that has pages and a total a response is.</summary>
/// <param name="Page">From 1.</param>
/// <param name="PageSize">How many a page holds.</param>
/// <param name="Total">How many there are.</param>
/// <param name="TotalPages">How many pages they fill.</param>
public sealed record PagePosition(int Page, int PageSize, int Total, int TotalPages) : Pagination;

/// <summary>Where in a list that is read from the newest on a response is.</summary>
/// <param name="Limit">How many rows an answer holds at most.</param>
/// <param name="NextCursor">What to send as <c>cursor</c> for the rows after these; null for the last.</param>
public sealed record CursorPosition(
    int Limit, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? NextCursor) : Pagination;
