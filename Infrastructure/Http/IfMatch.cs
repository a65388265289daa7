using Microsoft.Net.Http.Headers;

namespace SliceApi.Infrastructure.Http;

/// <summary>
/// The versions that a client is ready to change (<c>If-Match</c>; RFC 9110, 13.1.1), for the WHERE of the statement
/// that changes them: whoever read an older one does not overwrite what others wrote since.
/// </summary>
/// <param name="Any"><c>*</c>: whatever version there is.</param>
/// <param name="Versions">One of these; empty when only weak or foreign tags were given, which match nothing.</param>
public sealed record IfMatch(bool Any, long[] Versions)
{
    const int MaxTags = 20;

    /// <summary>Whether the client is ready to change <paramref name="version"/>.</summary>
    public bool Allows(long version) => Any || Versions.Contains(version);

    /// <summary>What the request says.</summary>
    /// <exception cref="PreconditionRequiredException">It says nothing.</exception>
    /// <exception cref="MalformedPreconditionException">It says something that is no list of entity tags.</exception>
    public static IfMatch Of(HttpContext context)
    {
        var header = context.Request.Headers.IfMatch;
        if (header.Count == 0)
            throw new PreconditionRequiredException();
        if (!EntityTagHeaderValue.TryParseStrictList(header, out var tags) || tags.Count > MaxTags)
            throw new MalformedPreconditionException();
        return new IfMatch(
            tags.Any(tag => tag.Equals(EntityTagHeaderValue.Any)),
            [.. tags.Where(tag => !tag.IsWeak).Select(VersionOf).OfType<long>()]);
    }

    // "01" is another tag than "1".
    static long? VersionOf(EntityTagHeaderValue tag)
        => long.TryParse(tag.Tag.AsSpan().Trim('"'), out var version) && tag.Tag == ETags.Of(version) ? version : null;
}

/// <summary>428: the request must say which version it changes.</summary>
public sealed class PreconditionRequiredException() : ApiException(
    StatusCodes.Status428PreconditionRequired,
    ErrorCodes.PreconditionRequired,
    "Send the ETag of the version that you change as If-Match.");

/// <summary>412: somebody changed it meanwhile.</summary>
public sealed class PreconditionFailedException() : ApiException(
    StatusCodes.Status412PreconditionFailed,
    ErrorCodes.PreconditionFailed,
    "It was changed meanwhile. Read it again and decide anew.");

/// <summary>400: the header cannot be read.</summary>
public sealed class MalformedPreconditionException() : ApiException(
    StatusCodes.Status400BadRequest, ErrorCodes.ValidationError, "If-Match is no list of entity tags.");
