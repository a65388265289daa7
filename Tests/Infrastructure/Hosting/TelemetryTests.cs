using System.Text.Json;

namespace Tests.Infrastructure.Hosting;

/// <summary>What the program sends to whoever collects traces and metrics, and that it sends nothing unasked.</summary>
public sealed class TelemetryTests : IDisposable
{
    const string Traces = "/v1/traces";
    const string Metrics = "/v1/metrics";

    static readonly string[] SentMetrics =
    [
        "sliceapi.writer.batch_size", "sliceapi.writer.commit_duration", "sliceapi.writer.queue_length",
        "sliceapi.passwords.queue_length", "sliceapi.outbox.oldest_age", "sliceapi.outbox.waiting",
        "sliceapi.outbox.parked", "sliceapi.database.wal_size", "http.server.request.duration",
        "kestrel.active_connections", "dotnet.gc.collections", "fusioncache.cache.hit",
        "fusioncache.cache.miss", "fusioncache.factory.success",
    ];

    static readonly string[] InSpans =
        ["sliceapi", "POST /api/v1/auth/register", "http.route", "http.response.status_code"];

    static readonly string[] Private = ["a-private-color", "ada@example.com", "a fine password"];

    readonly string _folder = TestFolder.New();
    readonly string _other = TestFolder.New();

    public void Dispose()
    {
        TestFolder.Delete(_folder);
        TestFolder.Delete(_other);
    }

    [Fact]
    public async Task Metrics_and_traces_are_sent_to_the_endpoint_at_the_latest_when_the_program_stops()
    {
        await using var collector = await Collector.StartAsync();
        await using var server = await StartAsync(collector.Address);
        var trace = Guid.NewGuid();
        await RegisterAsync(server, ("traceparent", $"00-{trace:N}-00f067aa0ba902b7-01"));
        await LogInAndReadAsync(server);
        await Requests.SendAsync(server.Client, HttpMethod.Get, "/api/v1/users/me?color=a-private-color");
        Assert.Equal(0, await server.StopAsync());

        Assert.All(SentMetrics, name => Assert.True(collector.Has(Metrics, name), $"The metric {name} was not sent"));
        Assert.True(collector.Has(Traces, Convert.FromHexString(trace.ToString("N"))), "The caller's trace goes on");
        Assert.All(InSpans, text => Assert.True(collector.Has(Traces, text), $"No span has {text}"));
        Assert.All(
            Private,
            text => Assert.False(collector.Has(Traces, text) || collector.Has(Metrics, text), $"{text} was sent"));
    }

    [Fact]
    public async Task By_grpc_they_are_sent_unless_it_is_told_otherwise()
    {
        const string service = "/opentelemetry.proto.collector";
        await using var collector = await Collector.StartAsync(grpc: true);
        await using var server = await ServerProcess.StartAsync(
            _folder, new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address });
        await RegisterAsync(server);
        Assert.Equal(0, await server.StopAsync());
        Assert.True(collector.Has($"{service}.trace.v1.TraceService/Export", "POST /api/v1/auth/register"));
        Assert.True(collector.Has($"{service}.metrics.v1.MetricsService/Export", "sliceapi.writer.batch_size"));
    }

    [Fact]
    public async Task A_line_that_a_traced_request_logs_names_the_trace()
    {
        await using var collector = await Collector.StartAsync();
        await using var server = await StartAsync(collector.Address);
        var trace = Guid.NewGuid().ToString("N");
        await RegisterAsync(server, ("traceparent", $"00-{trace}-00f067aa0ba902b7-01"));
        await Wait.UntilAsync(
            () => Task.FromResult(server.Lines.Any(line => line.GetProperty("category").ValueEquals("SliceApi.Requests")
                && line.TryGetProperty("traceId", out var id) && id.ValueEquals(trace))),
            "the request is logged with its trace");
    }

    [Fact]
    public async Task Requests_are_answered_although_nobody_collects()
    {
        // Nothing listens on the discard port.
        await using var server = await StartAsync("http://127.0.0.1:9");
        await RegisterAsync(server);
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task Without_an_endpoint_the_library_is_not_even_loaded()
    {
        if (!OperatingSystem.IsLinux())
            Programs.Missing("Which libraries a process has loaded is read from Linux's /proc.");
        await using var collector = await Collector.StartAsync();
        await using (var with = await StartAsync(collector.Address))
            Assert.Contains("OpenTelemetry", with.MemoryMap, StringComparison.Ordinal);
        await using var without = await ServerProcess.StartAsync(_other);
        await RegisterAsync(without);
        Assert.DoesNotContain("OpenTelemetry", without.MemoryMap, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_that_is_no_address_stops_the_start_with_its_name()
    {
        var (exitCode, output) = await ServerProcess.RunToEndAsync(_folder, Variables("not an address"));
        Assert.Equal(1, exitCode);
        Assert.Contains("OTEL_EXPORTER_OTLP_ENDPOINT", output, StringComparison.Ordinal);
    }

    Task<ServerProcess> StartAsync(string endpoint) => ServerProcess.StartAsync(_folder, Variables(endpoint));

    static Dictionary<string, string> Variables(string endpoint) => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
    };

    // Twice: from the database and from the cache.
    static async Task LogInAndReadAsync(ServerProcess server)
    {
        var pair = await Requests.SendAsync(
            server.Client,
            HttpMethod.Post,
            "/api/v1/auth/login",
            Requests.Json("""{"email":"ada@example.com","password":"a fine password"}""")).DataAsync(HttpStatusCode.OK);
        var authorization = ("Authorization", $"Bearer {pair.GetProperty("accessToken").GetString()}");
        for (var i = 0; i < 2; i++)
        {
            await Requests.SendAsync(server.Client, HttpMethod.Get, "/api/v1/users/me", null, authorization)
                .DataAsync(HttpStatusCode.OK);
        }
    }

    static Task<JsonElement> RegisterAsync(ServerProcess server, params (string Name, string Value)[] headers)
        => Requests.SendAsync(
            server.Client,
            HttpMethod.Post,
            "/api/v1/auth/register",
            Requests.Json(JsonSerializer.Serialize(
                new { email = "ada@example.com", password = "a fine password", name = "Ada" })),
            headers).DataAsync(HttpStatusCode.Created);
}
