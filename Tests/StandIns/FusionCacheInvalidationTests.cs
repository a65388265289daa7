using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Memory;
using ZiggyCreatures.Caching.Fusion;

namespace Tests.StandIns;

/// <summary>Removing by tag and clearing, against factories that are running.</summary>
[SuppressMessage("Usage", "xUnit1051", Justification = "Tokens are passed where the test is about them.")]
public sealed class FusionCacheInvalidationTests
{
    static readonly string[] Tags = ["t"];

    [Fact]
    public async Task Removing_by_tag_expires_what_has_the_tag_and_nothing_else()
    {
        using var test = new CacheUnderTest();
        await test.GetAsync("one", "1", "t", "u");
        await test.GetAsync("two", "1", "u");
        await test.Cache.SetAsync("three", "1", tags: ["t"]);
        await test.Cache.RemoveByTagAsync("t");
        Assert.Equal("2", await test.GetAsync("one", "2", "t", "u"));
        Assert.Equal("1", await test.GetAsync("two", "2", "u"));
        Assert.Equal("2", await test.GetAsync("three", "2", "t"));
        Assert.Equal("2", await test.GetAsync("one", "3", "t", "u"));
        await test.Cache.RemoveByTagAsync("u");
        Assert.Equal("3", await test.GetAsync("two", "3", "u"));
    }

    [Fact]
    public async Task Removing_by_tag_beats_a_factory_that_is_running()
    {
        using var test = new CacheUnderTest();
        var (old, recent) = (new GatedFactory(), new GatedFactory());
        var first = test.Cache.GetOrSetAsync<string?>("k", old.RunAsync, tags: Tags);
        var waiter = test.Cache.GetOrSetAsync<string?>("k", recent.RunAsync, tags: Tags);
        await test.Cache.RemoveByTagAsync("t");
        var later = test.Cache.GetOrSetAsync<string?>("k", recent.RunAsync, tags: Tags);
        old.End("old");
        await recent.Begun;
        recent.End("new");
        Assert.Equal("old", await first);
        Assert.Equal("new", await waiter);
        Assert.Equal("new", await later);
        Assert.Equal(1, recent.Runs);
    }

    [Fact]
    public async Task Removing_by_another_tag_beats_nothing()
    {
        using var test = new CacheUnderTest();
        var factory = new GatedFactory();
        var first = test.Cache.GetOrSetAsync<string?>("k", factory.RunAsync, tags: Tags);
        for (var i = 0; i < 100; i++) await test.Cache.RemoveByTagAsync($"other{i}");
        factory.End("1");
        Assert.Equal("1", await first);
        Assert.Equal("1", await test.GetAsync("k", "not run"));
    }

    [Fact]
    public async Task Removing_beats_no_factory_that_is_running()
    {
        using var test = new CacheUnderTest();
        var factory = new GatedFactory();
        var first = test.Cache.GetOrSetAsync<string?>("k", factory.RunAsync, tags: Tags);
        await test.Cache.RemoveAsync("k");
        factory.End("old");
        Assert.Equal("old", await first);
        Assert.Equal("old", await test.GetAsync("k", "not run"));
    }

    [Fact]
    public async Task Tags_that_the_factory_gives_count_from_its_beginning()
    {
        using var test = new CacheUnderTest();
        var factory = new GatedFactory();
        var first = test.Cache.GetOrSetAsync<string?>("k", async (ctx, ct) =>
        {
            var value = await factory.RunAsync(ctx, ct);
            ctx.Tags = ["late"];
            return value;
        });
        await test.Cache.RemoveByTagAsync("late");
        factory.End("old");
        Assert.Equal("old", await first);
        Assert.Equal("new", await test.GetAsync("k", "new", "late"));
        Assert.Equal("new", await test.GetAsync("k", "not run"));
    }

    [Fact]
    public async Task Removing_by_tag_beats_an_eager_refresh_that_is_running()
    {
        using var test = new CacheUnderTest(options => options.EagerRefreshThreshold = 0.5f);
        var factory = new GatedFactory();
        await test.GetAsync("k", "1", Tags);
        test.Clock.Advance(TimeSpan.FromMinutes(5));
        await test.Cache.GetOrSetAsync<string?>("k", factory.RunAsync, tags: Tags);
        await factory.Begun;
        await test.Cache.RemoveByTagAsync("t");
        var later = test.GetAsync("k", "new", Tags);
        factory.End("old");
        Assert.Equal("new", await later);
        Assert.Equal("new", await test.GetAsync("k", "not run", Tags));
    }

    [Fact]
    public async Task Removing_by_tag_beats_a_factory_that_timed_out()
    {
        using var test = new CacheUnderTest(options => options.FactoryHardTimeout = TimeSpan.FromSeconds(1));
        var factory = new GatedFactory();
        var first = test.Cache.GetOrSetAsync<string?>("k", factory.RunAsync, tags: Tags);
        test.Clock.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<SyntheticTimeoutException>(() => first.AsTask());
        await test.Cache.RemoveByTagAsync("t");
        var later = test.GetAsync("k", "new", Tags);
        factory.End("old");
        Assert.Equal("new", await later);
    }

    [Fact]
    public async Task Fail_safe_may_serve_what_was_removed_by_tag_until_it_is_removed_again()
    {
        using var test = new CacheUnderTest(options => options.IsFailSafeEnabled = true);
        await test.GetAsync("k", "1", Tags);
        await test.Cache.RemoveByTagAsync("t");
        Assert.False((await test.Cache.TryGetAsync<string?>("k")).HasValue);
        Assert.Equal("1", await test.FailAsync("k"));
        Assert.Equal("1", await test.GetAsync("k", "throttled", Tags));
        await test.Cache.RemoveByTagAsync("t");
        Assert.Equal("2", await test.GetAsync("k", "2", Tags));
    }

    [Fact]
    public async Task Nobody_sees_a_value_from_before_a_removal_that_was_over_when_they_asked()
    {
        const int Keys = 4;
        using var test = new CacheUnderTest(options => options.EagerRefreshThreshold = 0.01f);
        var source = new long[Keys];
        var removed = new long[Keys];
        var isOver = false;
        async Task ReadAsync(int seed)
        {
            var random = new Random(seed);
            while (!Volatile.Read(ref isOver))
            {
                var key = random.Next(Keys);
                var least = Volatile.Read(ref removed[key]);
                var (before, after) = (random.Next(4), random.Next(4));
                var isTaggedLate = random.Next(2) == 0;
                var value = await test.Cache.GetOrSetAsync<long>($"k{key}", async (ctx, _) =>
                {
                    for (var i = 0; i < before; i++) await Task.Yield();
                    var read = Volatile.Read(ref source[key]);
                    for (var i = 0; i < after; i++) await Task.Yield();
                    if (isTaggedLate) ctx.Tags = [$"t{key}"];
                    return read;
                }, tags: isTaggedLate ? null : [$"t{key}"]);
                Assert.True(value >= least, $"{value} after {least}");
                if (random.Next(4) == 0) await Task.Yield();
            }
        }
        var readers = Enumerable.Range(0, 6).Select(seed => Task.Run(() => ReadAsync(seed))).ToArray();
        var turns = new Random(1);
        for (var i = 0; i < 600; i++)
        {
            var key = turns.Next(Keys);
            var version = Interlocked.Increment(ref source[key]);
            for (var yields = turns.Next(3); yields > 0; yields--) await Task.Yield();
            await test.Cache.RemoveByTagAsync($"t{key}");
            Volatile.Write(ref removed[key], version);
            for (var yields = turns.Next(20); yields > 0; yields--) await Task.Yield();
            // Past the threshold of the eager refresh, which then races the next removal.
            test.Clock.Advance(TimeSpan.FromSeconds(turns.Next(10)));
        }
        Volatile.Write(ref isOver, true);
        await Task.WhenAll(readers);
    }

    [Fact]
    public async Task A_removal_that_was_long_ago_still_beats_a_factory_from_before_it()
    {
        using var test = new CacheUnderTest();
        var (old, other) = (new GatedFactory(), new GatedFactory());
        var first = test.Cache.GetOrSetAsync<string?>("k", old.RunAsync, tags: Tags);
        await test.Cache.RemoveByTagAsync("t");
        await RemoveManyAsync(test);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        // An entry that has the tag since, and was not removed, must not hide that the tag was removed before.
        Assert.Equal("2", await test.GetAsync("other", "2", Tags));
        old.End("old");
        Assert.Equal("old", await first);
        Assert.Equal("new", await test.GetAsync("k", "new", Tags));
        Assert.Equal("2", await test.GetAsync("other", "not run", Tags));
    }

    [Fact]
    public async Task Tags_that_no_entry_has_are_forgotten()
    {
        using var test = new CacheUnderTest();
        var tag = await RemoveAsync(test);
        await RemoveManyAsync(test);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        await RemoveManyAsync(test);
        for (var i = 0; i < 10 && tag.IsAlive; i++) GC.Collect();
        Assert.False(tag.IsAlive);

        static async Task<WeakReference> RemoveAsync(CacheUnderTest test)
        {
            var tag = Guid.NewGuid().ToString();
            await test.GetAsync("k", "1", tag);
            await test.Cache.RemoveAsync("k");
            await test.Cache.RemoveByTagAsync(tag);
            return new WeakReference(tag);
        }
    }

    [Fact]
    public async Task Clearing_expires_everything_that_factories_are_making_too()
    {
        using var test = new CacheUnderTest(options => options.IsFailSafeEnabled = true);
        var factory = new GatedFactory();
        await test.GetAsync("k", "1");
        var running = test.Cache.GetOrSetAsync<string?>("running", factory.RunAsync);
        await test.Cache.ClearAsync();
        factory.End("old");
        await running;
        Assert.False((await test.Cache.TryGetAsync<string?>("running")).HasValue);
        Assert.False((await test.Cache.TryGetAsync<string?>("k")).HasValue);
        Assert.Equal("1", await test.FailAsync("k"));
    }

    [Fact]
    public async Task Clearing_without_fail_safe_leaves_nothing()
    {
        using var memory = new MemoryCache(new MemoryCacheOptions());
        using var test = new CacheUnderTest(options => options.IsFailSafeEnabled = true, memory);
        await test.GetAsync("k", "1");
        await test.Cache.ClearAsync(allowFailSafe: false);
        await Assert.ThrowsAsync<InvalidOperationException>(() => test.FailAsync("k").AsTask());
        Assert.Equal("2", await test.GetAsync("k", "2"));
    }

    static async Task RemoveManyAsync(CacheUnderTest test)
    {
        for (var i = 0; i < 20_000; i++) await test.Cache.RemoveByTagAsync(Guid.NewGuid().ToString());
    }
}
