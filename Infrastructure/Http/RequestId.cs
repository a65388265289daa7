using System.Buffers;

namespace SliceApi.Infrastructure.Http;

/// <summary>
/// Names each request: in the response's <c>X-Request-Id</c>, in <c>meta.requestId</c> and in every line that is logged
/// meanwhile. A client's own id is taken when it is 8 to 64 characters of <c>[A-Za-z0-9_-]</c>, so that it cannot forge
/// log lines.
/// </summary>
sealed class RequestId(RequestDelegate next, ILogger<RequestId> logger)
{
    const string Header = "X-Request-Id";

    static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    public async Task InvokeAsync(HttpContext context)
    {
        var given = context.Request.Headers[Header];
        var id = given is [{ Length: >= 8 and <= 64 } one] && !one.AsSpan().ContainsAnyExcept(Allowed)
            ? one
            : Guid.CreateVersion7().ToString("N");
        context.TraceIdentifier = id;
        RequestContext.RequestId = id;
        // On starting, because an answer to an exception begins with clearing the headers.
        context.Response.OnStarting(
            static state =>
            {
                var response = ((HttpContext)state).Response;
                response.Headers[Header] = response.HttpContext.TraceIdentifier;
                return Task.CompletedTask;
            },
            context);
        using (logger.BeginScope(new RequestScope(id)))
            await next(context);
    }

    // Formatted by every log provider, and a key and a value for those that write JSON.
    sealed class RequestScope(string id) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        public int Count => 1;

        public KeyValuePair<string, object?> this[int index] => new("RequestId", id);

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
        {
            yield return this[0];
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => $"RequestId:{id}";
    }
}
