using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Memory;
using ZiggyCreatures.Caching.Fusion;

namespace Tests.StandIns;

/// <summary>Factories that fail or take long, and values that are renewed before they expire.</summary>
[SuppressMessage("Usage", "xUnit1051", Justification = "Tokens are passed where the test is about them.")]
public sealed class FusionCacheTroubleTests
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Fail_safe_serves_an_expired_value_and_tries_again_after_a_while()
    {
        using var test = new CacheUnderTest(FailSafe);
        await test.GetAsync("k", "1");
        test.Clock.Advance(10 * Minute);
        Assert.Equal("1", await test.FailAsync("k"));
        Assert.Equal("1", await test.GetAsync("k", "not run"));
        test.Clock.Advance(30 * Second);
        Assert.Equal("1", await test.FailAsync("k"));
        test.Clock.Advance(30 * Second);
        Assert.Equal("2", await test.GetAsync("k", "2"));
    }

    [Fact]
    public async Task Fail_safe_ends_with_its_longest_duration()
    {
        using var test = new CacheUnderTest(FailSafe);
        await test.GetAsync("k", "1");
        test.Clock.Advance(60 * Minute - Second);
        Assert.Equal("1", await test.FailAsync("k"));
        test.Clock.Advance(Second);
        await Assert.ThrowsAsync<InvalidOperationException>(() => test.FailAsync("k").AsTask());
    }

    [Fact]
    public async Task Fail_safe_needs_both_the_entry_and_the_call_to_ask_for_it()
    {
        using var test = new CacheUnderTest(FailSafe);
        await test.GetAsync("with", "1");
        await test.Cache.SetAsync("without", "1", options => options.IsFailSafeEnabled = false);
        test.Clock.Advance(10 * Minute);
        await Assert.ThrowsAsync<InvalidOperationException>(() => test.FailAsync("without").AsTask());
        await test.Cache.SetAsync("tagged", "1", options => options.IsFailSafeEnabled = false, ["t"]);
        await test.Cache.RemoveByTagAsync("t");
        await Assert.ThrowsAsync<InvalidOperationException>(() => test.FailAsync("tagged").AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(() => test.Cache.GetOrSetAsync<string?>(
            "with", (_, _) => throw new InvalidOperationException(), o => o.IsFailSafeEnabled = false).AsTask());
        Assert.Equal("1", await test.FailAsync("with"));
    }

    [Fact]
    public async Task A_cancellation_never_triggers_fail_safe()
    {
        using var test = new CacheUnderTest(FailSafe);
        await test.GetAsync("k", "1");
        test.Clock.Advance(10 * Minute);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => test.FailAsync("k", new TaskCanceledException()).AsTask());
        Assert.Equal("1", await test.FailAsync("k"));
    }

    [Fact]
    public async Task A_factory_may_say_that_it_failed()
    {
        using var test = new CacheUnderTest(FailSafe);
        ValueTask<string?> FailAsync() => test.Cache.GetOrSetAsync<string?>("k", async (ctx, _) => ctx.Fail("gone"));
        var error = await Assert.ThrowsAsync<FusionCacheFactoryException>(() => FailAsync().AsTask());
        Assert.Equal("gone", error.Message);
        await test.GetAsync("k", "1");
        test.Clock.Advance(10 * Minute);
        Assert.Equal("1", await FailAsync());
    }

    [Fact]
    public async Task A_default_stands_in_where_fail_safe_has_nothing()
    {
        using var test = new CacheUnderTest(FailSafe);
        ValueTask<string?> GetAsync(string value) => test.Cache.GetOrSetAsync<string?>(
            "k", async (ctx, _) => value == "" ? ctx.Fail("broken") : value, "default");
        Assert.Equal("default", await GetAsync(""));
        Assert.Equal("default", await GetAsync("1"));
        test.Clock.Advance(30 * Second);
        Assert.Equal("1", await GetAsync("1"));
    }

    [Fact]
    public async Task An_expired_entry_is_kept_for_fail_safe_and_a_removed_one_is_not()
    {
        using var test = new CacheUnderTest(FailSafe);
        await test.GetAsync("k", "1");
        await test.Cache.ExpireAsync("k");
        Assert.False((await test.Cache.TryGetAsync<string?>("k")).HasValue);
        Assert.Equal("1", await test.FailAsync("k"));
        await test.Cache.RemoveAsync("k");
        await Assert.ThrowsAsync<InvalidOperationException>(() => test.FailAsync("k").AsTask());
    }

    [Fact]
    public async Task A_value_set_while_a_factory_failed_is_not_covered_by_the_stale_one()
    {
        using var test = new CacheUnderTest(FailSafe);
        var factory = new GatedFactory();
        await test.GetAsync("k", "1");
        test.Clock.Advance(10 * Minute);
        var caller = test.Cache.GetOrSetAsync<string?>("k", factory.RunAsync);
        await test.Cache.SetAsync("k", "2");
        factory.Fail(new InvalidOperationException());
        Assert.Equal("2", await caller);
        Assert.Equal("2", await test.GetAsync("k", "not run"));
    }

    [Fact]
    public async Task A_factory_may_find_the_stale_value_still_right()
    {
        using var test = new CacheUnderTest(FailSafe);
        var seen = new List<string?>();
        ValueTask<string?> GetAsync() => test.Cache.GetOrSetAsync<string?>("k", async (ctx, _) =>
        {
            seen.Add(ctx.ETag);
            return ctx.StaleValue.HasValue && ctx.ETag is not null ? ctx.NotModified() : ctx.Modified("1", "v1");
        });
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("1", await GetAsync());
            Assert.Equal("1", await GetAsync());
            test.Clock.Advance(10 * Minute);
        }
        Assert.Equal([null, "v1", "v1"], seen);
    }

    [Fact]
    public async Task After_the_soft_timeout_the_stale_value_is_served_and_the_factory_goes_on()
    {
        using var test = new CacheUnderTest(FailSafe);
        var factory = new GatedFactory();
        await test.GetAsync("k", "1");
        test.Clock.Advance(10 * Minute);
        var first = test.Cache.GetOrSetAsync<string?>("k", factory.RunAsync);
        var waiter = test.Cache.GetOrSetAsync<string?>("k", factory.RunAsync);
        Assert.False(first.IsCompleted);
        test.Clock.Advance(Second);
        Assert.Equal("1", await first);
        Assert.Equal("1", await waiter);
        Assert.False(factory.Token.IsCancellationRequested);
        factory.End("2");
        await test.UntilAsync("k", "2");
        Assert.Equal(1, factory.Runs);
    }

    [Fact]
    public async Task The_soft_timeout_needs_something_to_serve()
    {
        using var test = new CacheUnderTest(FailSafe);
        var factory = new GatedFactory();
        var caller = test.Cache.GetOrSetAsync<string?>("k", factory.RunAsync);
        test.Clock.Advance(4 * Second);
        Assert.False(caller.IsCompleted);
        factory.End("1");
        Assert.Equal("1", await caller);
    }

    [Fact]
    public async Task After_the_hard_timeout_the_factory_goes_on_and_keeps_the_key()
    {
        using var test = new CacheUnderTest(FailSafe);
        var (factory, other) = (new GatedFactory(), new GatedFactory());
        var first = test.Cache.GetOrSetAsync<string?>("k", factory.RunAsync);
        test.Clock.Advance(5 * Second);
        await Assert.ThrowsAsync<SyntheticTimeoutException>(() => first.AsTask());
        Assert.False(factory.Token.IsCancellationRequested);
        var second = test.Cache.GetOrSetAsync<string?>("k", other.RunAsync);
        test.Clock.Advance(60 * Second);
        Assert.False(second.IsCompleted);
        factory.End("1");
        Assert.Equal("1", await second);
        Assert.Equal(0, other.Runs);
    }

    [Fact]
    public async Task A_factory_that_fails_in_the_background_is_logged()
    {
        using var test = new CacheUnderTest(FailSafe);
        var factory = new GatedFactory();
        var caller = test.Cache.GetOrSetAsync<string?>("k", factory.RunAsync);
        test.Clock.Advance(5 * Second);
        await Assert.ThrowsAsync<SyntheticTimeoutException>(() => caller.AsTask());
        factory.Fail(new InvalidOperationException("late"));
        await CacheUnderTest.UntilAsync(() => Task.FromResult(test.Log.Errors.Any(error => error?.Message == "late")));
    }

    [Fact]
    public async Task A_factory_that_ends_as_it_times_out_is_not_covered_by_the_stale_value()
    {
        var factory = new GatedFactory();
        using var memory = new MemoryCacheThatIsSlowOnce();
        using var test = new CacheUnderTest(FailSafe, memory);
        await test.GetAsync("k", "1");
        test.Clock.Advance(10 * Minute);
        var caller = test.Cache.GetOrSetAsync<string?>("k", factory.RunAsync);
        memory.OnNextStore = () => factory.End("2");
        test.Clock.Advance(Second);
        Assert.Equal("1", await caller);
        await test.UntilAsync("k", "2");
    }

    [Fact]
    public async Task An_eager_refresh_runs_one_factory_while_all_go_on_with_the_value()
    {
        using var test = new CacheUnderTest(options => options.EagerRefreshThreshold = 0.5f);
        using var request = new CancellationTokenSource();
        var factory = new GatedFactory();
        await test.GetAsync("k", "1");
        test.Clock.Advance(5 * Minute - Second);
        Assert.Equal("1", await test.Cache.GetOrSetAsync<string?>("k", factory.RunAsync));
        test.Clock.Advance(Second);
        for (var i = 0; i < 100; i++)
            Assert.Equal("1", await test.Cache.GetOrSetAsync<string?>("k", factory.RunAsync, token: request.Token));
        await factory.Begun;
        await request.CancelAsync();
        Assert.False(factory.Token.CanBeCanceled);
        factory.End("2");
        await test.UntilAsync("k", "2");
        Assert.Equal(1, factory.Runs);
        test.Clock.Advance(5 * Minute - Second);
        Assert.Equal("2", await test.GetAsync("k", "not run"));
    }

    [Fact]
    public async Task A_failed_eager_refresh_is_logged_and_not_tried_again()
    {
        using var test = new CacheUnderTest(options => options.EagerRefreshThreshold = 0.5f);
        await test.GetAsync("k", "1");
        test.Clock.Advance(5 * Minute);
        Assert.Equal("1", await test.FailAsync("k"));
        await test.Log.First;
        for (var i = 0; i < 1_000; i++) Assert.Equal("1", await test.FailAsync("k"));
        await test.Cache.ExpireAsync("k");
        // Waits for whatever refreshes the key now.
        Assert.Equal("2", await test.GetAsync("k", "2"));
        Assert.Equal("broken", Assert.Single(test.Log.Errors)?.Message);
    }

    static void FailSafe(FusionCacheEntryOptions options)
    {
        options.IsFailSafeEnabled = true;
        options.FailSafeMaxDuration = TimeSpan.FromHours(1);
        options.FactorySoftTimeout = Second;
        options.FactoryHardTimeout = 5 * Second;
    }

    /// <summary>Lets others go first between a look at what is there and the store that follows.</summary>
    sealed class MemoryCacheThatIsSlowOnce : IMemoryCache
    {
        readonly MemoryCache _memory = new(new MemoryCacheOptions());
        int _stores;

        public Action? OnNextStore { get; set; }

        public ICacheEntry CreateEntry(object key)
        {
            var store = Interlocked.Increment(ref _stores);
            if (OnNextStore is { } action)
            {
                OnNextStore = null;
                action();
                for (var i = 0; i < 10_000 && Volatile.Read(ref _stores) == store; i++) Thread.Yield();
                // If one began to, it is to end before this one goes on.
                for (var i = 0; i < 10_000 && Volatile.Read(ref _stores) != store; i++) Thread.Yield();
            }
            return _memory.CreateEntry(key);
        }

        public void Remove(object key) => _memory.Remove(key);

        public bool TryGetValue(object key, out object? value) => _memory.TryGetValue(key, out value);

        public void Dispose() => _memory.Dispose();
    }
}
