using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using FastEndpoints;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Tests.StandIns;

/// <summary>A host in memory that has just the endpoints, validators and handlers it is given.</summary>
sealed class SmallHost : IAsyncDisposable
{
    readonly WebApplication _app;

    SmallHost(WebApplication app)
    {
        _app = app;
        Client = app.GetTestClient();
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    // Not async up to UseFastEndpoints(): so the test's own flow remembers its host, whatever runs beside it.
    public static Task<SmallHost> StartAsync(
        Type[] types, Action<Config>? configure = null, Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddAuthentication("Header")
            .AddScheme<AuthenticationSchemeOptions, HeaderScheme>("Header", null);
        builder.Services.AddAuthorization(o => o.AddPolicy("verified", p => p.RequireClaim("verified", "yes")));
        services?.Invoke(builder.Services);
        builder.Services.AddFastEndpoints(o =>
        {
            o.Assemblies = [typeof(SmallHost).Assembly];
            o.Filter = types.Contains;
        });
        var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseFastEndpoints(configure);
        return StartedAsync(app);
    }

    static async Task<SmallHost> StartedAsync(WebApplication app)
    {
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new SmallHost(app);
    }

    /// <summary>JSON as the application is set up to read it.</summary>
    public static void Strict(Config c)
    {
        c.Serializer.Options.AllowDuplicateProperties = false;
        c.Serializer.Options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        c.Serializer.Options.NumberHandling = JsonNumberHandling.Strict;
        c.Serializer.Options.PropertyNameCaseInsensitive = false;
        c.Serializer.Options.RespectNullableAnnotations = true;
        c.Serializer.Options.RespectRequiredConstructorParameters = true;
    }

    /// <summary>Sends a request and gives the status and the body as text.</summary>
    public async Task<(int Status, string Body)> SendAsync(
        string verb, string path, string? body = null, string? contentType = "application/json", string? user = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(verb), path);
        if (user is not null) request.Headers.Add("X-User", user);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            if (contentType is not null) request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        var ct = TestContext.Current.CancellationToken;
        using var response = await Client.SendAsync(request, ct);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(ct));
    }

    /// <summary>The messages of one member in the answer to a bad request.</summary>
    public static string[] Errors(string body, string field)
        => JsonDocument.Parse(body).RootElement.GetProperty("errors").TryGetProperty(field, out var messages)
            ? [.. messages.EnumerateArray().Select(m => m.GetString()!)]
            : [];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>Signs in whoever the header names: <c>X-User: role=admin,verified=yes</c>.</summary>
    sealed class HeaderScheme(
        IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers["X-User"].FirstOrDefault() is not { } user)
                return Task.FromResult(AuthenticateResult.NoResult());
            var claims = user.Split(',').Select(pair => pair.Split('=')).Select(pair => new Claim(pair[0], pair[^1]));
            var identity = new ClaimsIdentity(claims, "Header", "name", "role");
            return Task.FromResult(AuthenticateResult.Success(new(new(identity), "Header")));
        }
    }
}
