using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Benchmarks;

/// <summary>
/// The least that ASP.NET Core can do: Kestrel and one delegate that writes bytes that are ready. No routing, no
/// middleware, no logging.
/// </summary>
static class BareServer
{
    /// <summary>Writes an answer into a file: a line for each header, an empty one, the body.</summary>
    public static async Task SaveAsync(HttpResponseMessage response, string path, CancellationToken stop)
    {
        // Kestrel adds Date by itself.
        var headers = response.Headers.Concat(response.Content.Headers)
            .Where(header => header.Key != "Date")
            .Select(header => $"{header.Key}: {string.Join(", ", header.Value)}\n");
        var body = await response.Content.ReadAsStringAsync(stop);
        await File.WriteAllTextAsync(path, $"{string.Concat(headers)}\n{body}", stop);
    }

    /// <summary>A server that answers everything with what <see cref="SaveAsync"/> has written.</summary>
    public static WebApplication Build(string path)
    {
        var parts = File.ReadAllText(path).Split("\n\n", 2);
        var headers = parts[0].Split('\n').Select(line => line.Split(": ", 2)).ToArray();
        var body = System.Text.Encoding.UTF8.GetBytes(parts[1]);

        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(Servers.ListenOnLoopback);
        var app = builder.Build();
        app.Run(context =>
        {
            foreach (var header in headers)
                context.Response.Headers[header[0]] = header[1];
            return context.Response.Body.WriteAsync(body, 0, body.Length);
        });
        return app;
    }
}
