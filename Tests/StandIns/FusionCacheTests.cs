using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Internal;
using ZiggyCreatures.Caching.Fusion;

namespace Tests.StandIns;

/// <summary>What is stored, for how long, where, and who makes it.</summary>
[SuppressMessage("Usage", "xUnit1051", Justification = "Tokens are passed where the test is about them.")]
public sealed class FusionCacheTests
{
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_thousand_callers_of_a_cold_key_run_one_factory()
    {
        using var test = new CacheUnderTest();
        var factory = new GatedFactory();
        var callers = Enumerable.Range(0, 1_000)
            .Select(_ => Task.Run(() => test.Cache.GetOrSetAsync<string?>("k", factory.RunAsync).AsTask()))
            .ToArray();
        await factory.Begun;
        factory.End("v");
        Assert.All(await Task.WhenAll(callers), value => Assert.Equal("v", value));
        Assert.Equal(1, factory.Runs);
    }

    [Fact]
    public async Task A_waiter_that_gives_up_disturbs_no_one()
    {
        using var test = new CacheUnderTest();
        using var impatience = new CancellationTokenSource();
        var factory = new GatedFactory();
        var first = test.Cache.GetOrSetAsync<string?>("k", factory.RunAsync);
        var waiter = test.Cache.GetOrSetAsync<string?>("k", factory.RunAsync);
        var impatient = test.Cache.GetOrSetAsync<string?>("k", factory.RunAsync, token: impatience.Token);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient.AsTask());
        Assert.False(factory.Token.IsCancellationRequested);
        factory.End("v");
        Assert.Equal("v", await first);
        Assert.Equal("v", await waiter);
        Assert.Equal(1, factory.Runs);
    }

    [Fact]
    public async Task The_next_waiter_takes_over_when_the_caller_that_ran_the_factory_gives_up()
    {
        using var test = new CacheUnderTest();
        using var impatience = new CancellationTokenSource();
        var (first, second) = (new GatedFactory(), new GatedFactory());
        var impatient = test.Cache.GetOrSetAsync<string?>("k", first.RunAsync, token: impatience.Token);
        var waiter = test.Cache.GetOrSetAsync<string?>("k", second.RunAsync);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient.AsTask());
        await second.Begun;
        second.End("v");
        Assert.Equal("v", await waiter);
    }

    [Fact]
    public async Task A_factory_may_ask_for_other_keys()
    {
        using var test = new CacheUnderTest();
        for (var i = 0; i < 200; i++)
        {
            var (outer, inner) = ($"outer{i}", $"inner{i}");
            var value = await test.Cache.GetOrSetAsync<string?>(outer, (_, _) => test.GetAsync(inner, "v").AsTask());
            Assert.Equal("v", value);
        }
    }

    [Fact]
    public async Task A_value_is_fresh_for_its_duration()
    {
        using var test = new CacheUnderTest();
        Assert.Equal("1", await test.GetAsync("k", "1"));
        test.Clock.Advance(10 * Minute - TimeSpan.FromTicks(1));
        Assert.Equal("1", await test.GetAsync("k", "2"));
        test.Clock.Advance(TimeSpan.FromTicks(1));
        Assert.False((await test.Cache.TryGetAsync<string?>("k")).HasValue);
        Assert.Equal("x", await test.Cache.GetOrDefaultAsync("k", "x"));
        Assert.Equal("2", await test.GetAsync("k", "2"));
    }

    [Fact]
    public async Task Jitter_lets_equal_entries_expire_one_by_one()
    {
        using var test = new CacheUnderTest(options => options.JitterMaxDuration = 10 * Minute);
        for (var i = 0; i < 100; i++) await test.GetAsync($"k{i}", "1");
        async Task<int> CountAsync()
        {
            var fresh = 0;
            for (var i = 0; i < 100; i++)
                if ((await test.Cache.TryGetAsync<string?>($"k{i}")).HasValue) fresh++;
            return fresh;
        }
        test.Clock.Advance(10 * Minute - TimeSpan.FromTicks(1));
        Assert.Equal(100, await CountAsync());
        test.Clock.Advance(5 * Minute);
        Assert.InRange(await CountAsync(), 1, 99);
        test.Clock.Advance(5 * Minute + TimeSpan.FromTicks(1));
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task Null_is_a_value_that_the_factory_may_keep_for_less()
    {
        using var test = new CacheUnderTest();
        var runs = 0;
        ValueTask<string?> GetAsync() => test.Cache.GetOrSetAsync<string?>("k", (ctx, _) =>
        {
            runs++;
            ctx.Options.Duration = Minute;
            return Task.FromResult<string?>(null);
        });
        Assert.Null(await GetAsync());
        Assert.Null(await GetAsync());
        Assert.Equal(1, runs);
        Assert.True((await test.Cache.TryGetAsync<string?>("k")).HasValue);
        test.Clock.Advance(Minute);
        Assert.Null(await GetAsync());
        Assert.Equal(2, runs);
        Assert.Equal(10 * Minute, test.Cache.DefaultEntryOptions.Duration);
    }

    [Fact]
    public async Task A_failure_reaches_the_caller_and_is_not_kept()
    {
        using var test = new CacheUnderTest();
        await Assert.ThrowsAsync<InvalidOperationException>(() => test.FailAsync("k").AsTask());
        Assert.Equal("1", await test.GetAsync("k", "1"));
    }

    [Fact]
    public async Task Setting_the_wall_clock_expires_nothing_and_brings_nothing_back()
    {
        var wall = new WallClock();
        using var memory = new MemoryCache(new MemoryCacheOptions { Clock = wall });
        using var test = new CacheUnderTest(memory: memory);
        await test.GetAsync("k", "1");
        wall.UtcNow += TimeSpan.FromDays(1_000);
        test.Clock.SetWallClock(TimeSpan.FromDays(1_000));
        Assert.Equal("1", await test.GetAsync("k", "2"));
        test.Clock.Advance(10 * Minute);
        wall.UtcNow -= TimeSpan.FromDays(2_000);
        test.Clock.SetWallClock(TimeSpan.FromDays(-2_000));
        Assert.Equal("2", await test.GetAsync("k", "2"));
    }

    [Fact]
    public async Task Dead_entries_leave_the_memory_cache()
    {
        using var memory = new MemoryCache(new MemoryCacheOptions());
        using var test = new CacheUnderTest(memory: memory);
        await test.GetAsync("k", "1");
        test.Clock.Advance(10 * Minute);
        Assert.True(memory.TryGetValue("k", out _));
        test.Clock.Advance(Minute);
        Assert.False(memory.TryGetValue("k", out _));
    }

    [Fact]
    public async Task A_memory_cache_with_a_limit_stays_within_it()
    {
        using var memory = new MemoryCache(new MemoryCacheOptions { SizeLimit = 50 });
        using var test = new CacheUnderTest(options => options.Size = 1, memory);
        for (var i = 0; i < 500; i++) Assert.Equal("v", await test.GetAsync($"k{i}", "v"));
        Assert.InRange(memory.Count, 1, 50);
        var unsized = new FusionCacheEntryOptions();
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => test.Cache.GetOrSetAsync<string?>("k", (_, _) => Task.FromResult<string?>("v"), unsized).AsTask());
    }

    [Fact]
    public async Task Nothing_is_left_of_a_key_that_is_not_cached()
    {
        using var test = new CacheUnderTest();
        var key = await UseKeyAsync(test);
        for (var i = 0; i < 10 && key.IsAlive; i++) GC.Collect();
        Assert.False(key.IsAlive);

        static async Task<WeakReference> UseKeyAsync(CacheUnderTest test)
        {
            var key = Guid.NewGuid().ToString();
            var callers = Enumerable.Range(0, 20).Select(_ => test.FailAsync(key).AsTask()).ToArray();
            foreach (var caller in callers) await Assert.ThrowsAsync<InvalidOperationException>(() => caller);
            return new WeakReference(key);
        }
    }

    [Fact]
    public async Task A_hit_completes_at_once_and_allocates_nothing()
    {
        using var test = new CacheUnderTest();
        Func<CancellationToken, Task<string?>> factory = _ => Task.FromResult<string?>("v");
        string[] tags = ["a", "b"];
        await test.Cache.GetOrSetAsync("k", factory, tags: tags);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
            await test.Cache.GetOrSetAsync("k", factory, 5 * Minute, tags);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    sealed class WallClock : ISystemClock
    {
        public DateTimeOffset UtcNow { get; set; } = DateTimeOffset.UnixEpoch + TimeSpan.FromDays(20_000);
    }
}
