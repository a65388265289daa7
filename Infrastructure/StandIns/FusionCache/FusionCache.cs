using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ZiggyCreatures.Caching.Fusion.Internals;

namespace ZiggyCreatures.Caching.Fusion;

/// <summary>An <see cref="IFusionCache"/> in the memory of this process.</summary>
public sealed partial class FusionCache : IFusionCache
{
    readonly FusionCacheOptions _options;
    readonly IMemoryCache _memory;
    readonly bool _ownsMemory;
    readonly ILogger _logger;
    readonly MonotonicTime _time;
    readonly Reaper _reaper;
    readonly TagMarks _tagMarks = new();
    readonly KeyGates _gates = new();
    readonly KeyValuePair<string, object?> _nameTag;

    /// <summary>A cache.</summary>
    /// <param name="optionsAccessor">How it behaves.</param>
    /// <param name="memoryCache">
    /// Where it keeps its entries; if it has a size limit, entries need a <see cref="FusionCacheEntryOptions.Size"/>.
    /// <see langword="null"/> means one of its own, without a limit.
    /// </param>
    /// <param name="logger">Where it logs; <see langword="null"/> means nowhere.</param>
    public FusionCache(
        IOptions<FusionCacheOptions> optionsAccessor, IMemoryCache? memoryCache = null,
        ILogger<FusionCache>? logger = null)
        : this(optionsAccessor, memoryCache, logger, TimeProvider.System)
    {
    }

    internal FusionCache(
        IOptions<FusionCacheOptions> optionsAccessor, IMemoryCache? memoryCache, ILogger<FusionCache>? logger,
        TimeProvider clock)
    {
        _options = optionsAccessor.Value;
        _ownsMemory = memoryCache is null;
        _memory = memoryCache ?? new MemoryCache(new MemoryCacheOptions());
        _logger = logger ?? NullLogger<FusionCache>.Instance;
        _time = new MonotonicTime(clock);
        _reaper = new Reaper(_time);
        _nameTag = new("fusioncache.cache.name", _options.CacheName);
    }

    /// <inheritdoc/>
    public FusionCacheEntryOptions DefaultEntryOptions => _options.DefaultEntryOptions;

    /// <inheritdoc/>
    public FusionCacheEntryOptions CreateEntryOptions(
        Action<FusionCacheEntryOptions>? setupAction = null, TimeSpan? duration = null)
    {
        var options = DefaultEntryOptions.Duplicate(duration);
        setupAction?.Invoke(options);
        return options;
    }

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
    {
        if (token.IsCancellationRequested) return ValueTask.FromCanceled<TValue?>(token);
        return new(Read(key) is { } entry ? (TValue?)entry.Value : defaultValue);
    }

    /// <inheritdoc/>
    public ValueTask<MaybeValue<TValue>> TryGetAsync<TValue>(
        string key, FusionCacheEntryOptions? options = null, CancellationToken token = default)
    {
        if (token.IsCancellationRequested) return ValueTask.FromCanceled<MaybeValue<TValue>>(token);
        return new(Read(key) is { } entry ? MaybeValue<TValue>.FromValue((TValue)entry.Value!) : default);
    }

    /// <inheritdoc/>
    public ValueTask SetAsync<TValue>(
        string key, TValue value, FusionCacheEntryOptions? options = null, IEnumerable<string>? tags = null,
        CancellationToken token = default)
    {
        if (token.IsCancellationRequested) return ValueTask.FromCanceled(token);
        var marks = _tagMarks.Of(tags?.ToArray());
        Store(key, MakeEntry(value, options ?? DefaultEntryOptions, _tagMarks.Number, marks));
        Metrics.Set.Add(1, _nameTag);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask RemoveAsync(string key, FusionCacheEntryOptions? options = null, CancellationToken token = default)
    {
        if (token.IsCancellationRequested) return ValueTask.FromCanceled(token);
        _memory.Remove(key);
        Metrics.Remove.Add(1, _nameTag);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask ExpireAsync(string key, FusionCacheEntryOptions? options = null, CancellationToken token = default)
    {
        if (token.IsCancellationRequested) return ValueTask.FromCanceled(token);
        if (Find(key) is { } entry)
        {
            if (entry.IsFailSafe) Store(key, entry.With(entry.Born, expiresAt: _time.Now));
            else _memory.Remove(key);
        }
        Metrics.Expire.Add(1, _nameTag);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask RemoveByTagAsync(
        string tag, FusionCacheEntryOptions? options = null, CancellationToken token = default)
        => RemoveByTagAsync([tag], options, token);

    /// <inheritdoc/>
    public ValueTask RemoveByTagAsync(
        IEnumerable<string> tags, FusionCacheEntryOptions? options = null, CancellationToken token = default)
    {
        if (token.IsCancellationRequested) return ValueTask.FromCanceled(token);
        foreach (var tag in tags)
        {
            _tagMarks.Remove(tag);
            Metrics.RemoveByTag.Add(1, _nameTag);
        }
        return default;
    }

    /// <inheritdoc/>
    public ValueTask ClearAsync(
        bool allowFailSafe = true, FusionCacheEntryOptions? options = null, CancellationToken token = default)
    {
        if (token.IsCancellationRequested) return ValueTask.FromCanceled(token);
        _tagMarks.Clear(allowFailSafe);
        // A memory cache that was given may hold what is not this cache's.
        if (!allowFailSafe && _ownsMemory) ((MemoryCache)_memory).Clear();
        Metrics.Clear.Add(1, _nameTag);
        return default;
    }

    /// <summary>Lets go of what the cache holds; a memory cache that was given stays its giver's.</summary>
    public void Dispose()
    {
        _reaper.Dispose();
        if (_ownsMemory) _memory.Dispose();
    }

    Entry? Read(string key)
    {
        var entry = Find(key);
        if (entry is null || !IsFresh(entry, _time.Now))
        {
            Metrics.Miss.Add(1, _nameTag);
            return null;
        }
        CountHit(isStale: false);
        return entry;
    }

    Entry? Find(string key) => _memory.TryGetValue(key, out var found) ? found as Entry : null;

    bool IsFresh(Entry entry, long now) => now < entry.ExpiresAt && _tagMarks.Spare(entry);

    bool CanFallBackOn(Entry entry) => entry.IsFailSafe && _time.Now < entry.DiesAt && !_tagMarks.HaveWiped(entry);

    Entry MakeEntry(
        object? value, FusionCacheEntryOptions options, long born, TagMark[] marks, string? etag = null,
        DateTimeOffset? lastModified = null)
    {
        var now = _time.Now;
        var lifetime = _time.Units(options.Duration);
        var expiresAt = now + lifetime;
        if (options.JitterMaxDuration > TimeSpan.Zero)
            expiresAt += (long)(_time.Units(options.JitterMaxDuration) * Random.Shared.NextDouble());
        return new Entry
        {
            Value = value,
            Born = born,
            Marks = marks,
            ExpiresAt = expiresAt,
            RefreshesAt = options.EagerRefreshThreshold is { } share ? now + (long)(lifetime * share) : long.MaxValue,
            DiesAt = Math.Max(expiresAt, options.IsFailSafeEnabled ? now + _time.Units(options.FailSafeMaxDuration) : 0),
            IsFailSafe = options.IsFailSafeEnabled,
            Size = options.Size,
            ETag = etag,
            LastModified = lastModified,
        };
    }

    void Store(string key, Entry entry)
    {
        using var slot = _memory.CreateEntry(key);
        slot.Value = entry;
        slot.Size = entry.Size;
        slot.AddExpirationToken(_reaper.TokenFor(entry.DiesAt));
    }

    void CountHit(bool isStale)
    {
        if (Metrics.Hit.Enabled) Metrics.Hit.Add(1, _nameTag, new("fusioncache.stale", isStale));
    }
}
