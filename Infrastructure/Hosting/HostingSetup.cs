using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Infrastructure.Hosting;

/// <summary>What the program does before it listens.</summary>
public static class HostingSetup
{
    /// <summary>Opens the data folder and holds it while the program runs.</summary>
    /// <exception cref="StartupException">It cannot be used.</exception>
    public static DataFolder AddDataFolder(this WebApplicationBuilder builder, Settings settings)
    {
        var folder = DataFolder.Open(Path.GetFullPath(settings.DataFolder, builder.Environment.ContentRootPath));
        // Made by a factory, so that the container lets go of the folder when the program stops.
        builder.Services.AddSingleton(_ => folder);
        return folder;
    }

    /// <summary>One JSON object a line where a program reads the log, readable lines where a person does.</summary>
    public static void AddLogs(this WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        // A start that fails is reported once, without a stack: see CommandLine.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        // At level Debug the server quotes headers that it cannot read: an Authorization with a slip in it, say.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.BadRequests", LogLevel.Information);
        if (builder.Environment.IsDevelopment() || !Console.IsOutputRedirected)
        {
            builder.Logging.AddSimpleConsole(options =>
            {
                options.IncludeScopes = true;
                options.TimestampFormat = "HH:mm:ss.fff ";
                options.UseUtcTimestamp = true;
            });
        }
        else
        {
            builder.Services.AddSingleton(services
                => new LogOutput(Console.OpenStandardOutput(), services.GetRequiredService<TimeProvider>()));
            builder.Services.AddSingleton<ILoggerProvider, JsonLog>();
        }
    }

    /// <summary>Listens until it is told to stop.</summary>
    /// <exception cref="StartupException">
    /// The address in the setting <c>Urls</c> cannot be listened on, or not with the certificate in the settings.
    /// </exception>
    public static async Task ServeAsync(this WebApplication app)
    {
        using var interrupt = EndAtSecond(PosixSignal.SIGINT);
        using var terminate = EndAtSecond(PosixSignal.SIGTERM);
        try
        {
            await app.StartAsync();
        }
        catch (Exception e)
        {
            // What has started already is at work: it must end before what it works with goes.
            await app.StopAsync();
            // Told to stop before it listened.
            if (e is OperationCanceledException && app.Lifetime.ApplicationStopping.IsCancellationRequested)
                return;
            if (WhyNot(app.Configuration, e) is { } reason)
                throw reason;
            throw;
        }

        await app.WaitForShutdownAsync();
    }

    // Whatever the server throws before it listens is about an address, a certificate or its key.
    static StartupException? WhyNot(IConfiguration configuration, Exception e)
    {
        const string Certificate = "Kestrel:Certificates:Default";
        if (e is SocketException or IOException { InnerException: AddressInUseException })
            return new StartupException($"Cannot listen as the setting Urls says. {e.Message}", e);
        return e.StackTrace?.Contains("Microsoft.AspNetCore.Server.Kestrel", StringComparison.Ordinal) == true
            ? new StartupException(
                $"Cannot listen as the settings Urls ({configuration["Urls"]}) and {Certificate} "
                + $"({configuration[Certificate + ":Path"] ?? "none"}) say. {e.Message} {e.InnerException?.Message}", e)
            : null;
    }

    // The first asks the server to finish what it has begun, for 30 seconds at most. Whoever asks twice does not want
    // to wait; what was acknowledged is on the disk anyway.
    static PosixSignalRegistration EndAtSecond(PosixSignal signal)
    {
        var asked = 0;
        return PosixSignalRegistration.Create(signal, _ =>
        {
            if (Interlocked.Increment(ref asked) > 1)
                Process.GetCurrentProcess().Kill();
        });
    }

    /// <summary>Brings the database up to date and makes the first administrator if one is configured.</summary>
    /// <exception cref="StartupException">The database or the administrator's settings cannot be used.</exception>
    public static async Task PrepareDatabaseAsync(this WebApplication app)
    {
        var stopping = app.Lifetime.ApplicationStopping;
        await app.Services.GetRequiredService<Migrator>().MigrateAsync(stopping);
        await app.Services.GetRequiredService<Administrators>().MakeFirstAsync(stopping);
    }
}
