using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using SliceApi.Infrastructure.Events;
using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Persistence;

namespace Tests.Infrastructure.Persistence;

/// <summary>A migrated database with its writer and without the rest of the program, for one test.</summary>
sealed class TestDatabase : IDbContextFactory<AppDb>, IAsyncDisposable
{
    readonly string _path = TestFolder.New();
    readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    DataFolder _folder = null!;

    public DataFolder Folder => _folder;

    public SqliteFile File { get; private set; } = null!;

    public Writer Writer { get; private set; } = null!;

    /// <summary>What the writer counts with.</summary>
    public IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    public OutboxBell Bell { get; } = new();

    /// <summary>What is told of every statement that is read with.</summary>
    public List<IInterceptor> Interceptors { get; } = [];

    public async Task InitializeAsync(TimeProvider? clock = null, WriterSettings? writer = null)
    {
        var settings = new Settings { Writer = writer ?? new WriterSettings() };
        _folder = DataFolder.Open(_path);
        File = new SqliteFile(settings, _folder);
        await MigrateAsync();
        Writer = new Writer(settings, File, Bell, clock ?? TimeProvider.System, Meters, NullLogger<Writer>.Instance);
        await Writer.StartAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>As at each start of the program.</summary>
    public Task MigrateAsync()
        => new Migrator(File, _folder, new ModelAhead(), NullLogger<Migrator>.Instance)
            .MigrateAsync(TestContext.Current.CancellationToken);

    public AppDb CreateDbContext()
    {
        var options = new DbContextOptionsBuilder<AppDb>();
        File.ConfigureReader(options);
        options.AddInterceptors(Interceptors);
        return new AppDb(options.Options);
    }

    public async ValueTask DisposeAsync()
    {
        await Writer.StopAsync(CancellationToken.None);
        Writer.Dispose();
        Bell.Dispose();
        await _services.DisposeAsync();
        _folder.Dispose();
        TestFolder.Delete(_path);
    }
}
