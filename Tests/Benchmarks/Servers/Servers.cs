using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;

namespace Benchmarks;

/// <summary>What the API is compared with. Each runs as a process of its own, as the API does.</summary>
static class Servers
{
    /// <summary>Makes this program one of the servers.</summary>
    public const string Command = "--serve";

    /// <summary>The server that <see cref="BareServer"/> is.</summary>
    public const string Bare = "bare";

    /// <summary>The server that <see cref="TextbookServer"/> is.</summary>
    public const string Textbook = "textbook";

    /// <summary>Runs a server until it is killed.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        await using var app = args switch
        {
            [Bare, var answer] => BareServer.Build(answer),
            [Textbook, var folder, var busyTimeout] => TextbookServer.Build(
                folder, int.Parse(busyTimeout, CultureInfo.InvariantCulture)),
            _ => throw new BenchmarkException($"There is no server {string.Join(' ', args)}."),
        };
        await app.StartAsync();
        Console.WriteLine($"Now listening on: {app.Urls.Single()}");
        await app.WaitForShutdownAsync();
        return 0;
    }

    /// <summary>Listens where <see cref="Server"/> expects it.</summary>
    public static void ListenOnLoopback(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Listen(IPAddress.Loopback, 0);
    }
}
