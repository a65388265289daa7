using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using ZiggyCreatures.Caching.Fusion;

namespace Tests.StandIns;

/// <summary>The members, defaults and measurements that an application relies on by name.</summary>
[SuppressMessage("Usage", "xUnit1051", Justification = "Tokens are passed where the test is about them.")]
public sealed class FusionCacheShapeTests
{
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Has_the_members_that_the_application_uses()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddFusionCache()
            .WithOptions(options => options.CacheName = "test")
            .WithDefaultEntryOptions(options => options.Duration = Minute)
            .WithDefaultEntryOptions(options => options.Size = 1)
            .WithMemoryCache(_ => new MemoryCache(new MemoryCacheOptions { SizeLimit = 100 }))
            .WithRegisteredLogger();
        await using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<IFusionCache>();
        var ct = TestContext.Current.CancellationToken;
        var options = cache.DefaultEntryOptions;
        string[] tags = ["t"];

        Assert.Equal(1, await cache.GetOrSetAsync<int>("a", async (_, _) => 1, default, options, tags, ct));
        Assert.Equal(2, await cache.GetOrSetAsync<int>("b", async (ctx, _) => ctx.Modified(2), options, tags, ct));
        Assert.Equal(3, await cache.GetOrSetAsync<int>("c", async (_, _) => 3, Minute, tags, ct));
        Assert.Equal(4, await cache.GetOrSetAsync<int>("d", async (_, _) => 4, o => o.Duration = Minute, tags, ct));
        Assert.Equal(5, await cache.GetOrSetAsync("e", async _ => 5, tags: tags, token: ct));
        Assert.Equal(6, await cache.GetOrSetAsync("f", async _ => 6, options, tags, ct));
        Assert.Equal(7, await cache.GetOrSetAsync("g", async _ => 7, Minute, tags, ct));
        Assert.Equal(8, await cache.GetOrSetAsync("h", async _ => 8, o => o.Duration = Minute, tags, ct));
        Assert.Equal(8, await cache.GetOrSetAsync<int>("h", async (ctx, _) => ctx.Fail("not run"), tags: tags));
        Assert.Equal(8, await cache.GetOrSetAsync<int>("h", async _ => 0, -1, options, tags, ct));

        await cache.SetAsync("i", 9, options, tags, ct);
        await cache.SetAsync("i", 9, Minute, tags, ct);
        await cache.SetAsync("i", 9, o => o.Duration = Minute, tags, ct);
        MaybeValue<int> found = await cache.TryGetAsync<int>("i", options, ct);
        Assert.True(found.HasValue);
        Assert.Equal(9, found.Value + 0);
        Assert.Equal(9, found.GetValueOrDefault(1));
        Assert.Equal(9, (int)found);
        Assert.Equal(9, await cache.GetOrDefaultAsync("i", 1, options, ct));

        await cache.ExpireAsync("h", options, ct);
        await cache.RemoveAsync("i", options, ct);
        await cache.RemoveByTagAsync("t", options, ct);
        await cache.ClearAsync(true, options, ct);
        Assert.False((await cache.TryGetAsync<int>("a", token: ct)).HasValue);
    }

    [Fact]
    public void Has_the_documented_defaults()
    {
        var options = new FusionCacheEntryOptions();
        Assert.Equal(TimeSpan.FromSeconds(30), options.Duration);
        Assert.Equal(TimeSpan.Zero, options.JitterMaxDuration);
        Assert.False(options.IsFailSafeEnabled);
        Assert.Equal(TimeSpan.FromDays(1), options.FailSafeMaxDuration);
        Assert.Equal(TimeSpan.FromSeconds(30), options.FailSafeThrottleDuration);
        Assert.Equal(Timeout.InfiniteTimeSpan, options.FactorySoftTimeout);
        Assert.Equal(Timeout.InfiniteTimeSpan, options.FactoryHardTimeout);
        Assert.Null(options.EagerRefreshThreshold);
        Assert.Null(options.Size);
        Assert.Null(new FusionCacheEntryOptions { EagerRefreshThreshold = 1f }.EagerRefreshThreshold);
        Assert.Equal(0.9f, new FusionCacheEntryOptions { EagerRefreshThreshold = 0.9f }.EagerRefreshThreshold);
    }

    [Fact]
    public void A_missing_value_is_not_a_null_one()
    {
        MaybeValue<string?> missing = default;
        MaybeValue<string?> nothing = MaybeValue<string?>.FromValue(null);
        Assert.False(missing.HasValue);
        Assert.Throws<InvalidOperationException>(() => missing.Value);
        Assert.Equal("x", missing.GetValueOrDefault("x"));
        Assert.True(nothing.HasValue);
        Assert.Null(nothing.GetValueOrDefault("x"));
        Assert.NotEqual(missing, nothing);
        Assert.Equal("", missing.ToString());
    }

    [Fact]
    public async Task Hits_and_misses_are_counted_under_the_documented_meter()
    {
        var counted = new Dictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "ZiggyCreatures.Caching.Fusion") self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, by, tags, _) =>
        {
            foreach (var tag in tags)
                if (tag is { Key: "fusioncache.cache.name", Value: "counted" })
                    counted[instrument.Name] = counted.GetValueOrDefault(instrument.Name) + by;
        });
        listener.Start();
        var services = new ServiceCollection();
        services.AddFusionCache().WithOptions(options => options.CacheName = "counted");
        await using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<IFusionCache>();
        await cache.GetOrSetAsync("k", async _ => 1);
        await cache.GetOrSetAsync("k", async _ => 1);
        await cache.GetOrSetAsync("k", async _ => 1);
        await Assert.ThrowsAsync<TimeoutException>(
            () => cache.GetOrSetAsync<int>("f", (_, _) => throw new TimeoutException()).AsTask());
        Assert.Equal(2, counted["fusioncache.cache.hit"]);
        Assert.Equal(2, counted["fusioncache.cache.miss"]);
        Assert.Equal(1, counted["fusioncache.factory.success"]);
        Assert.Equal(1, counted["fusioncache.factory.error"]);
    }
}
