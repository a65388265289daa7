using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging;
using ZiggyCreatures.Caching.Fusion.Internals;

namespace ZiggyCreatures.Caching.Fusion;

/// <summary>An <see cref="IFusionCache"/> in the memory of this process.</summary>
public sealed partial class FusionCache : IFusionCache
{
    readonly IMemoryCache _memory;
    readonly MemoryCache? _ownMemory;
    readonly ILogger _logger;
    readonly MonotonicTime _time;
    readonly Reaper _reaper;
    readonly TagMarks _tagMarks = new();
    readonly KeyGates _gates = new();
    readonly KeyValuePair<string, object?> _nameTag;

    internal FusionCache(FusionCacheOptions options, IMemoryCache? memory, ILogger logger, TimeProvider clock)
    {
        DefaultEntryOptions = options.DefaultEntryOptions;
        _memory = memory ?? (_ownMemory = new MemoryCache(new MemoryCacheOptions()));
        _logger = logger;
        _time = new MonotonicTime(clock);
        _reaper = new Reaper(_time);
        _nameTag = new("fusioncache.cache.name", options.CacheName);
    }

    /// <inheritdoc/>
    public FusionCacheEntryOptions DefaultEntryOptions { get; }

    /// <inheritdoc/>
    public ValueTask<TValue> GetOrSetAsync<TValue>(
        string key, Func<FusionCacheFactoryExecutionContext<TValue>, CancellationToken, Task<TValue>> factory,
        MaybeValue<TValue> failSafeDefaultValue = default, FusionCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null, CancellationToken token = default)
        => GetOrSetAsync(key, factory, failSafeDefaultValue, new OptionsSource(options), tags, token);

    /// <inheritdoc/>
    public ValueTask<TValue?> GetOrDefaultAsync<TValue>(
        string key, TValue? defaultValue = default, FusionCacheEntryOptions? options = null,
        CancellationToken token = default)
        => token.IsCancellationRequested
            ? ValueTask.FromCanceled<TValue?>(token)
            : new(Read(key) is { } entry ? (TValue?)entry.Value : defaultValue);

    /// <inheritdoc/>
    public ValueTask<MaybeValue<TValue>> TryGetAsync<TValue>(
        string key, FusionCacheEntryOptions? options = null, CancellationToken token = default)
        => token.IsCancellationRequested
            ? ValueTask.FromCanceled<MaybeValue<TValue>>(token)
            : new(Read(key) is { } entry ? MaybeValue<TValue>.FromValue((TValue)entry.Value!) : default);

    /// <inheritdoc/>
    public ValueTask SetAsync<TValue>(
        string key, TValue value, FusionCacheEntryOptions? options = null, IEnumerable<string>? tags = null,
        CancellationToken token = default)
        => Do(
            () => Store(key, MakeEntry(value, options ?? DefaultEntryOptions, _tagMarks.Number, _tagMarks.Of(tags))),
            Metrics.Set, token);

    /// <inheritdoc/>
    public ValueTask RemoveAsync(string key, FusionCacheEntryOptions? options = null, CancellationToken token = default)
        => Do(() => _memory.Remove(key), Metrics.Remove, token);

    /// <inheritdoc/>
    public ValueTask ExpireAsync(string key, FusionCacheEntryOptions? options = null, CancellationToken token = default)
        => Do(() =>
        {
            if (Find(key) is { IsFailSafe: true } entry) Store(key, entry with { ExpiresAt = 0 });
            else _memory.Remove(key);
        }, Metrics.Expire, token);

    /// <inheritdoc/>
    public ValueTask RemoveByTagAsync(
        string tag, FusionCacheEntryOptions? options = null, CancellationToken token = default)
        => Do(() => _tagMarks.Remove(tag), Metrics.RemoveByTag, token);

    /// <inheritdoc/>
    public ValueTask ClearAsync(
        bool allowFailSafe = true, FusionCacheEntryOptions? options = null, CancellationToken token = default)
        => Do(() =>
        {
            _tagMarks.Clear(allowFailSafe);
            // A memory cache that was given may hold what is not this cache's.
            if (!allowFailSafe) _ownMemory?.Clear();
        }, Metrics.Clear, token);

    /// <summary>Lets go of what the cache holds; a memory cache that was given stays its giver's.</summary>
    public void Dispose()
    {
        _reaper.Dispose();
        _ownMemory?.Dispose();
    }

    Entry? Find(string key) => _memory.TryGetValue(key, out var found) ? found as Entry : null;

    bool IsFresh(Entry entry, long now) => now < entry.ExpiresAt && _tagMarks.Spare(entry);

    bool CanFallBackOn(Entry entry) => entry.IsFailSafe && _time.Now < entry.DiesAt && !_tagMarks.HaveWiped(entry);

    Entry? Read(string key)
    {
        var entry = FindFresh(key);
        if (entry is null) Metrics.Miss.Add(1, _nameTag);
        else CountHit(isStale: false);
        return entry;
    }

    Entry? FindFresh(string key) => Find(key) is { } entry && IsFresh(entry, _time.Now) ? entry : null;

    Entry MakeEntry(
        object? value, FusionCacheEntryOptions options, long born, TagMark[] marks, string? etag = null,
        DateTimeOffset? lastModified = null)
    {
        var now = _time.Now;
        var lifetime = _time.Units(options.Duration);
        var jitter = (long)(_time.Units(options.JitterMaxDuration) * Random.Shared.NextDouble());
        var expiresAt = now + lifetime + jitter;
        var refreshesAt = options.EagerRefreshThreshold is { } share ? now + (long)(lifetime * share) : long.MaxValue;
        var isFailSafe = options.IsFailSafeEnabled;
        var diesAt = isFailSafe ? Math.Max(expiresAt, now + _time.Units(options.FailSafeMaxDuration)) : expiresAt;
        return new(value, born, marks, expiresAt, refreshesAt, diesAt, isFailSafe, options.Size, etag, lastModified);
    }

    void Store(string key, Entry entry)
    {
        using var slot = _memory.CreateEntry(key);
        slot.Value = entry;
        slot.Size = entry.Size;
        slot.AddExpirationToken(_reaper.TokenFor(entry.DiesAt));
    }

    ValueTask Do(Action action, Counter<long> counter, CancellationToken token)
    {
        if (token.IsCancellationRequested) return ValueTask.FromCanceled(token);
        action();
        counter.Add(1, _nameTag);
        return default;
    }

    void CountHit(bool isStale)
    {
        if (Metrics.Hit.Enabled) Metrics.Hit.Add(1, _nameTag, isStale ? Metrics.Stale : Metrics.Fresh);
    }
}
