using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using SliceApi.Infrastructure.Caching;
using SliceApi.Infrastructure.Persistence;
using SliceApi.Infrastructure.Persistence.Entities;
using SliceApi.Infrastructure.Security;
using Tests.Infrastructure.Persistence;
using ZiggyCreatures.Caching.Fusion;

namespace Tests.Infrastructure.Caching;

/// <summary>What many readers at once cost, counted in statements.</summary>
public sealed class StampedeTests : IAsyncLifetime
{
    readonly TestDatabase _database = new();
    readonly StatementCounter _statements = new();
    ServiceProvider _services = null!;

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync();
        _database.Interceptors.Add(_statements);
        _services = new ServiceCollection().AddLogging().AddCaching()
            .AddSingleton<IDbContextFactory<AppDb>>(_database)
            .AddSingleton<SessionLookup>()
            .BuildServiceProvider();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_thousand_readers_of_one_cold_key_cost_one_select()
    {
        var session = await SessionAsync();
        var sessions = _services.GetRequiredService<SessionLookup>();
        var start = new TaskCompletionSource();
        var readers = Enumerable.Range(0, 1000).Select(_ => Task.Run(
            async () =>
            {
                await start.Task;
                return await sessions.FindAsync(session.Id, Ct);
            },
            Ct)).ToList();
        start.SetResult();
        Assert.All(await Task.WhenAll(readers), found => Assert.Equal(session.UserId, found?.UserId));
        Assert.Equal(1, _statements.Count);
    }

    [Fact]
    public async Task What_is_not_there_is_asked_for_once_too()
    {
        var sessions = _services.GetRequiredService<SessionLookup>();
        var id = Guid.CreateVersion7();
        for (var i = 0; i < 10; i++)
            Assert.Null(await sessions.FindAsync(id, Ct));
        Assert.Equal(1, _statements.Count);
    }

    [Fact]
    public async Task A_session_that_ends_while_it_is_read_is_not_kept()
    {
        var sessions = _services.GetRequiredService<SessionLookup>();
        var ender = new SessionEnder(_services.GetRequiredService<IFusionCache>(), TimeProvider.System);
        for (var round = 0; round < 200; round++)
        {
            var session = await SessionAsync();
            var reading = Task.Run(() => sessions.FindAsync(session.Id, Ct).AsTask(), Ct);
            await _database.Writer.RunAsync((scope, ct) => ender.EndAsync(scope, s => s.Id == session.Id, ct), Ct);
            Assert.Null(await sessions.FindAsync(session.Id, Ct));
            await reading;
            Assert.Null(await sessions.FindAsync(session.Id, Ct));
        }
    }

    async Task<Session> SessionAsync()
    {
        var user = new User($"{Guid.NewGuid():N}@example.com", "Ada", "hash", Roles.User, DateTimeOffset.UtcNow);
        var session = new Session(user.Id, null, DateTimeOffset.UtcNow);
        await _database.Writer.RunAsync(
            (scope, ct) =>
            {
                scope.Db.Add(user);
                scope.Db.Add(session);
                return scope.Db.SaveChangesAsync(ct);
            },
            Ct);
        return session;
    }

    sealed class StatementCounter : DbCommandInterceptor
    {
        int _count;

        public int Count => _count;

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command,
            CommandEventData eventData,
            InterceptionResult<DbDataReader> result,
            CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _count);
            return new(result);
        }
    }
}
