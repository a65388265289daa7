namespace ZiggyCreatures.Caching.Fusion;

/// <summary>What a factory knows of the entry that it is to make, and what it may decide about it.</summary>
public sealed class FusionCacheFactoryExecutionContext<TValue>
{
    readonly FusionCacheEntryOptions _callOptions;
    FusionCacheEntryOptions? _ownOptions;

    internal FusionCacheFactoryExecutionContext(FusionCacheEntryOptions options) => _callOptions = options;

    /// <summary>The options of this entry, a copy made when first asked for: changing them changes no other.</summary>
    public FusionCacheEntryOptions Options
    {
        get => _ownOptions ??= _callOptions.Duplicate();
        set => _ownOptions = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>The entry's tags: at first those of the call. Setting them replaces all.</summary>
    public string[]? Tags { get; set; }

    /// <summary>The value that the new one is to replace, if fail-safe has kept it.</summary>
    public MaybeValue<TValue> StaleValue { get; internal init; }

    /// <summary>The version of the stale value at its source; what is set is stored with the new value.</summary>
    public string? ETag { get; set; }

    /// <summary>When the stale value changed at its source; what is set is stored with the new value.</summary>
    public DateTimeOffset? LastModified { get; set; }

    internal FusionCacheEntryOptions EffectiveOptions => _ownOptions ?? _callOptions;

    internal string? Failure { get; private set; }

    /// <summary>Says that the value is new, with its version and the time of its last change at the source.</summary>
    public TValue Modified(TValue value, string? etag = null, DateTimeOffset? lastModified = null)
    {
        (ETag, LastModified) = (etag, lastModified);
        return value;
    }

    /// <summary>Keeps the stale value as if it were new; <see cref="InvalidOperationException"/> without one.</summary>
    public TValue NotModified() => StaleValue.Value;

    /// <summary>Fails as if by a <see cref="FusionCacheFactoryException"/>: <c>return ctx.Fail("why")</c>.</summary>
    public TValue Fail(string errorMessage)
    {
        Failure = errorMessage;
        return default!;
    }
}
