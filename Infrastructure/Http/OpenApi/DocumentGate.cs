using System.Text.Json.Nodes;

namespace SliceApi.Infrastructure.Http.OpenApi;

/// <summary>Serves the document with what its generator cannot know, made once, at the first request.</summary>
sealed class DocumentGate(RequestDelegate next, EndpointDataSource routes)
{
    /// <summary>Where the document is.</summary>
    public const string Path = "/openapi/v1.json";

    byte[]? _document;

    public Task InvokeAsync(HttpContext context)
        => context.Request.Path == Path && HttpMethods.IsGet(context.Request.Method)
            ? AnswerAsync(context)
            : next(context);

    async Task AnswerAsync(HttpContext context)
    {
        // Two first requests make it twice, and the same.
        _document ??= new Document(await GenerateAsync(context), routes).Complete();
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = _document.Length;
        await context.Response.Body.WriteAsync(_document, context.RequestAborted);
    }

    async Task<JsonObject> GenerateAsync(HttpContext context)
    {
        var body = context.Response.Body;
        using var generated = new MemoryStream();
        context.Response.Body = generated;
        try
        {
            await next(context);
        }
        finally
        {
            context.Response.Body = body;
        }

        generated.Position = 0;
        return (await JsonNode.ParseAsync(generated, cancellationToken: context.RequestAborted))!.AsObject();
    }
}
