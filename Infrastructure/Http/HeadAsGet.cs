namespace SliceApi.Infrastructure.Http;

/// <summary>
/// Answers HEAD wherever GET is answered: the same status and headers, no body (RFC 9110, 9.3.2). The server leaves out
/// the body of an answer to HEAD by itself; this only lets routing find the GET.
/// </summary>
sealed class HeadAsGet(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
        => HttpMethods.IsHead(context.Request.Method) ? AnswerHeadAsync(context) : next(context);

    async Task AnswerHeadAsync(HttpContext context)
    {
        context.Request.Method = HttpMethods.Get;
        try
        {
            await next(context);
        }
        finally
        {
            context.Request.Method = HttpMethods.Head;
        }
    }
}
