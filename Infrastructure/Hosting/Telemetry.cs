using System.Runtime.CompilerServices;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace SliceApi.Infrastructure.Hosting;

/// <summary>
/// Sends traces and metrics over OTLP when the environment variable <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says where to.
/// Without it nothing of OpenTelemetry is even loaded.
/// </summary>
public static class Telemetry
{
    const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>To be called before whatever has metrics is added: what starts first stops last.</summary>
    /// <exception cref="StartupException">The variable holds no http or https address.</exception>
    public static IServiceCollection AddTelemetry(this IServiceCollection services)
    {
        var endpoint = Environment.GetEnvironmentVariable(Endpoint);
        if (!string.IsNullOrEmpty(endpoint))
        {
            if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
                throw new StartupException($"The environment variable {Endpoint} must be an http or https address.");
            // .NET 10 leaves method and path off its spans unless it is asked for them.
            AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
            AddExporter(services);
        }

        return services.AddHostedService<Gauges>();
    }

    // By itself, so that the caller runs without the library.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static void AddExporter(IServiceCollection services) => services.AddHostedService<Exporter>();

    // The library's own variables say how and how often: OTEL_EXPORTER_OTLP_PROTOCOL, OTEL_METRIC_EXPORT_INTERVAL, ...
    sealed class Exporter : IHostedService, IDisposable
    {
        TracerProvider? _traces;
        MeterProvider? _metrics;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            // The variables come last, so that OTEL_SERVICE_NAME wins.
            var resource = ResourceBuilder.CreateEmpty()
                .AddTelemetrySdk()
                .AddService("sliceapi", serviceVersion: typeof(Telemetry).Assembly.GetName().Version?.ToString())
                .AddEnvironmentVariableDetector();
            _traces = Sdk.CreateTracerProviderBuilder()
                .SetResourceBuilder(resource)
                .AddSource("Microsoft.AspNetCore")
                .AddOtlpExporter()
                .Build();
            _metrics = Sdk.CreateMeterProviderBuilder()
                .SetResourceBuilder(resource)
                .AddMeter(
                    "Microsoft.AspNetCore.Hosting",
                    "Microsoft.AspNetCore.Server.Kestrel",
                    "System.Runtime",
                    "ZiggyCreatures.Caching.Fusion",
                    "SliceApi.*")
                .AddOtlpExporter()
                .Build();
            return Task.CompletedTask;
        }

        // Sends what has gathered, and waits a few seconds for it at most.
        public Task StopAsync(CancellationToken cancellationToken) => Task.Run(Dispose, CancellationToken.None);

        public void Dispose()
        {
            _traces?.Dispose();
            _metrics?.Dispose();
        }
    }
}
