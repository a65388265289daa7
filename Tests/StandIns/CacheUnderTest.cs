using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ZiggyCreatures.Caching.Fusion;

namespace Tests.StandIns;

/// <summary>A cache built as an application builds it, on a clock that the test moves, with its log at hand.</summary>
sealed class CacheUnderTest : IDisposable
{
    readonly ServiceProvider _services;

    public CacheUnderTest(Action<FusionCacheEntryOptions>? defaults = null, IMemoryCache? memory = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton<ILogger<FusionCache>>(Log);
        var builder = services.AddFusionCache().WithRegisteredLogger();
        builder.WithDefaultEntryOptions(options => options.Duration = TimeSpan.FromMinutes(10));
        if (defaults is not null) builder.WithDefaultEntryOptions(defaults);
        if (memory is not null) builder.WithMemoryCache(_ => memory);
        _services = services.BuildServiceProvider();
        Cache = _services.GetRequiredService<IFusionCache>();
    }

    public FakeClock Clock { get; } = new();

    public LogList Log { get; } = new();

    public IFusionCache Cache { get; }

    /// <summary>The value of a key, which a factory makes at once.</summary>
    public ValueTask<string?> GetAsync(string key, string? value, params string[] tags)
        => Cache.GetOrSetAsync<string?>(key, (_, _) => Task.FromResult(value), tags: tags);

    /// <summary>The value of a key, whose factory fails.</summary>
    public ValueTask<string?> FailAsync(string key, Exception? error = null)
        => Cache.GetOrSetAsync<string?>(key, (_, _) => throw error ?? new InvalidOperationException("broken"));

    /// <summary>Waits for a background factory's value to be there.</summary>
    public Task UntilAsync(string key, string value)
        => UntilAsync(async () => await Cache.GetOrDefaultAsync<string?>(key) == value);

    /// <summary>Waits for what happens in the background, and fails if it does not.</summary>
    public static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        while (!await isSo())
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public void Dispose() => _services.Dispose();

    public sealed class LogList : ILogger<FusionCache>
    {
        readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentQueue<Exception?> Errors { get; } = new();

        /// <summary>Completes when something is logged.</summary>
        public Task First => _first.Task;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            Errors.Enqueue(exception);
            _first.TrySetResult();
        }
    }
}

/// <summary>A factory that says when it has begun and ends when it is told to.</summary>
sealed class GatedFactory
{
    readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource<string?> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _runs;

    public int Runs => _runs;

    public Task Begun => _begun.Task;

    public CancellationToken Token { get; private set; }

    public Task<string?> RunAsync(FusionCacheFactoryExecutionContext<string?> context, CancellationToken token)
    {
        Interlocked.Increment(ref _runs);
        Token = token;
        _begun.TrySetResult();
        return _end.Task.WaitAsync(token);
    }

    public void End(string? value) => _end.SetResult(value);

    public void Fail(Exception error) => _end.SetException(error);
}
