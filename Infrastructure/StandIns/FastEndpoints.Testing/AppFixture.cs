using System.Collections.Concurrent;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace FastEndpoints.Testing;

/// <summary>What every fixture is, whatever it starts.</summary>
public abstract class BaseFixture;

/// <summary>
/// Starts an application in the process of its tests. Fixtures of one type that live at the same time share one host,
/// which stops with the last of them. The environment is <c>Testing</c>.
/// </summary>
public abstract class AppFixture<TProgram> : BaseFixture, IAsyncLifetime
    where TProgram : class
{
    static readonly ConcurrentDictionary<Type, SharedHost> Hosts = new();

    SharedHost? _host;

    /// <summary>A client of the application.</summary>
    public HttpClient Client { get; private set; } = null!;
    /// <summary>The application's server.</summary>
    public TestServer Server => Factory.Server;
    /// <summary>The application's services.</summary>
    public IServiceProvider Services => Factory.Services;

    WebApplicationFactory<TProgram> Factory
        => _host?.Factory ?? throw new InvalidOperationException("The application has not been started yet.");

    /// <summary>Another client of the application.</summary>
    public HttpClient CreateClient(WebApplicationFactoryClientOptions? options = null)
    {
        var client = Factory.CreateClient(options ?? new WebApplicationFactoryClientOptions());
        if (Services.GetService<EndpointHost>() is { } host) ClientHosts.Add(client, host);
        return client;
    }

    /// <summary>Another client of the application, with what <paramref name="c"/> sets on it.</summary>
    public HttpClient CreateClient(Action<HttpClient> c, WebApplicationFactoryClientOptions? o = null)
    {
        var client = CreateClient(o);
        c(client);
        return client;
    }

    /// <summary>Runs once before the application starts.</summary>
    protected virtual ValueTask PreSetupAsync() => ValueTask.CompletedTask;
    /// <summary>Runs for each fixture after the application has started.</summary>
    protected virtual ValueTask SetupAsync() => ValueTask.CompletedTask;
    /// <summary>Runs for each fixture when its tests are done.</summary>
    protected virtual ValueTask TearDownAsync() => ValueTask.CompletedTask;
    /// <summary>Changes the application's settings.</summary>
    protected virtual void ConfigureApp(IWebHostBuilder a) { }
    /// <summary>Changes the application's services, after the application has registered its own.</summary>
    protected virtual void ConfigureServices(IServiceCollection s) { }

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        _host = Hosts.GetOrAdd(GetType(), _ => new SharedHost());
        await _host.EnterAsync(this);
        Client = CreateClient();
        await SetupAsync();
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_host is null) return;
        if (Client is not null) await TearDownAsync();
        Client?.Dispose();
        await _host.LeaveAsync();
    }

#pragma warning disable CA1001 // A semaphore whose wait handle nobody asks for has nothing to dispose.
    /// <summary>The host of all fixtures of one type.</summary>
    sealed class SharedHost
#pragma warning restore CA1001
    {
        readonly SemaphoreSlim _gate = new(1);
        int _users;

        internal WebApplicationFactory<TProgram>? Factory { get; private set; }

        internal Task EnterAsync(AppFixture<TProgram> fixture) => InTurnAsync(async () =>
        {
            _users++;
            if (Factory is not null) return;
            await fixture.PreSetupAsync();
            Factory = new Application(fixture);
            // Starts it now, so that a failing start fails the fixture and not the first test that asks.
            _ = Factory.Services;
        });

        internal Task LeaveAsync() => InTurnAsync(async () =>
        {
            if (--_users > 0 || Factory is null) return;
            await Factory.DisposeAsync();
            Factory = null;
        });

        async Task InTurnAsync(Func<Task> action)
        {
            await _gate.WaitAsync();
            try
            {
                await action();
            }
            finally
            {
                _gate.Release();
            }
        }
    }

    sealed class Application(AppFixture<TProgram> fixture) : WebApplicationFactory<TProgram>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment("Testing");
            builder.ConfigureTestServices(fixture.ConfigureServices);
            fixture.ConfigureApp(builder);
        }
    }
}
