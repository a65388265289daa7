using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Tests;

/// <summary>Takes what the program sends over OTLP (HTTP, protobuf) and keeps it.</summary>
sealed class Collector : IAsyncDisposable
{
    readonly ConcurrentQueue<(string Path, byte[] Body)> _received = [];
    readonly WebApplication _app;

    Collector()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            _received.Enqueue((context.Request.Path, body.ToArray()));
        });
    }

    /// <summary>Where to send to.</summary>
    public string Address => _app.Urls.Single();

    public static async Task<Collector> StartAsync()
    {
        var collector = new Collector();
        await collector._app.StartAsync(TestContext.Current.CancellationToken);
        return collector;
    }

    /// <summary>Whether a text has come on a path. Protobuf's strings are plain UTF-8.</summary>
    public bool Has(string path, string text) => Has(path, Encoding.UTF8.GetBytes(text));

    /// <inheritdoc cref="Has(string, string)"/>
    public bool Has(string path, byte[] bytes)
        => _received.Any(post => post.Path == path && post.Body.AsSpan().IndexOf(bytes) >= 0);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
