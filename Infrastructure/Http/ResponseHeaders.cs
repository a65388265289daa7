namespace SliceApi.Infrastructure.Http;

/// <summary>
/// Headers that every response carries: browsers neither guess types nor tell where they came from, show nothing of the
/// API as a page or inside one, and nothing of it is kept by a cache unless a slice says otherwise.
/// </summary>
sealed class ResponseHeaders(RequestDelegate next)
{
    /// <summary>Where the pages of the description are.</summary>
    public const string DocsPath = "/docs";

    const string NoPage = "default-src 'none'; frame-ancestors 'none'";

    // What the description's pages need, all from here; they have styles in their HTML.
    const string DocsPage =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        + "font-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

    // A year. Only over https, where it was reached once (RFC 6797).
    const string HttpsOnly = "max-age=31536000";

    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(
            static state =>
            {
                var context = (HttpContext)state;
                var headers = context.Response.Headers;
                headers.XContentTypeOptions = "nosniff";
                headers["Referrer-Policy"] = "no-referrer";
                headers.XFrameOptions = "DENY";
                headers.ContentSecurityPolicy = context.Request.Path.StartsWithSegments(DocsPath) ? DocsPage : NoPage;
                if (context.Request.IsHttps)
                    headers.StrictTransportSecurity = HttpsOnly;
                if (context.Request.Path.StartsWithSegments("/api") && headers.CacheControl.Count == 0)
                    headers.CacheControl = "no-store";
                return Task.CompletedTask;
            },
            context);
        return next(context);
    }
}
