using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace SliceApi.Infrastructure.Http;

/// <summary>Strong entity tags made of a version (RFC 9110, 8.8.3).</summary>
static class ETags
{
    public static string Of(long version) => $"\"{version}\"";

    /// <summary>Whether one of the tags in <c>If-None-Match</c> is <paramref name="tag"/>, weakly compared.</summary>
    public static bool Matches(StringValues ifNoneMatch, string tag)
        => EntityTagHeaderValue.TryParseList(ifNoneMatch, out var given)
            && given.Any(g => g.Equals(EntityTagHeaderValue.Any) || g.Tag == tag);
}
