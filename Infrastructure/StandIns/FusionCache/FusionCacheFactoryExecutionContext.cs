namespace ZiggyCreatures.Caching.Fusion;

/// <summary>What a factory knows of the entry that it is to make, and what it may decide about it.</summary>
public sealed class FusionCacheFactoryExecutionContext<TValue>
{
    bool _ownsOptions;

    internal FusionCacheFactoryExecutionContext(FusionCacheEntryOptions options) => EffectiveOptions = options;

    /// <summary>
    /// The options of this entry. They are copied when first asked for, so that changing them changes no other call's.
    /// </summary>
    public FusionCacheEntryOptions Options
    {
        get => _ownsOptions ? EffectiveOptions : Options = EffectiveOptions.Duplicate();
        set => (EffectiveOptions, _ownsOptions) = (value ?? throw new ArgumentNullException(nameof(value)), true);
    }

    /// <summary>The entry's tags: at first those of the call. Setting them replaces all.</summary>
    public string[]? Tags { get; set; }

    /// <summary>The value that the new one is to replace, if fail-safe has kept it.</summary>
    public MaybeValue<TValue> StaleValue { get; internal init; }

    /// <summary>Whether there is a <see cref="StaleValue"/>.</summary>
    public bool HasStaleValue => StaleValue.HasValue;

    /// <summary>The version of the stale value at its source; what is set is stored with the new value.</summary>
    public string? ETag { get; set; }

    /// <summary>Whether there is an <see cref="ETag"/>.</summary>
    public bool HasETag => !string.IsNullOrEmpty(ETag);

    /// <summary>When the stale value changed at its source; what is set is stored with the new value.</summary>
    public DateTimeOffset? LastModified { get; set; }

    /// <summary>Whether there is a <see cref="LastModified"/>.</summary>
    public bool HasLastModified => LastModified.HasValue;

    internal FusionCacheEntryOptions EffectiveOptions { get; private set; }

    internal string? Failure { get; private set; }

    /// <summary>Says that the value is new, with its version and the time of its last change at the source.</summary>
    public TValue Modified(TValue value, string? etag = null, DateTimeOffset? lastModified = null)
    {
        (ETag, LastModified) = (etag, lastModified);
        return value;
    }

    /// <summary>
    /// Says that the stale value is still right, to be stored as if it were new: <c>return ctx.NotModified()</c>.
    /// <see cref="InvalidOperationException"/> when there is none.
    /// </summary>
    public TValue NotModified() => StaleValue.Value;

    /// <summary>Fails as if by a <see cref="FusionCacheFactoryException"/>: <c>return ctx.Fail("why")</c>.</summary>
    public TValue Fail(string errorMessage)
    {
        Failure = errorMessage;
        return default!;
    }
}
