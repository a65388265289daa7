using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Tests;

/// <summary>Takes what the program sends over OTLP (protobuf, by HTTP or gRPC) and keeps it.</summary>
sealed class Collector : IAsyncDisposable
{
    const string Grpc = "application/grpc";

    readonly ConcurrentQueue<(string Path, byte[] Body)> _received = [];
    readonly WebApplication _app;

    Collector(HttpProtocols protocols)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, on => on.Protocols = protocols));
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            _received.Enqueue((context.Request.Path, body.ToArray()));
            if (context.Request.ContentType == Grpc)
                await SucceedAsync(context.Response);
        });
    }

    /// <summary>Where to send to.</summary>
    public string Address => _app.Urls.Single();

    /// <summary>Starts one that understands HTTP, or gRPC.</summary>
    public static async Task<Collector> StartAsync(bool grpc = false)
    {
        // Without TLS a server knows beforehand which of the two comes.
        var collector = new Collector(grpc ? HttpProtocols.Http2 : HttpProtocols.Http1);
        await collector._app.StartAsync(TestContext.Current.CancellationToken);
        return collector;
    }

    /// <summary>Whether a text has come on a path. Protobuf's strings are plain UTF-8.</summary>
    public bool Has(string path, string text) => Has(path, Encoding.UTF8.GetBytes(text));

    /// <inheritdoc cref="Has(string, string)"/>
    public bool Has(string path, byte[] bytes)
        => _received.Any(post => post.Path == path && post.Body.AsSpan().IndexOf(bytes) >= 0);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    // An empty message: not compressed, no bytes.
    static async Task SucceedAsync(HttpResponse response)
    {
        response.ContentType = Grpc;
        await response.Body.WriteAsync(new byte[5]);
        response.AppendTrailer("grpc-status", "0");
    }
}
