namespace ZiggyCreatures.Caching.Fusion;

/// <summary>What a factory knows of the entry that it is to make, and what it may decide about it.</summary>
/// <typeparam name="TValue">The type of the value.</typeparam>
public sealed class FusionCacheFactoryExecutionContext<TValue>
{
    FusionCacheEntryOptions _options;
    bool _ownsOptions;

    internal FusionCacheFactoryExecutionContext(
        FusionCacheEntryOptions options, string[]? tags, MaybeValue<TValue> staleValue, string? etag,
        DateTimeOffset? lastModified)
    {
        _options = options;
        (Tags, StaleValue, ETag, LastModified) = (tags, staleValue, etag, lastModified);
    }

    /// <summary>
    /// The options of this entry. A copy is made when they are first asked for, so that changing them changes no
    /// other call's options.
    /// </summary>
    public FusionCacheEntryOptions Options
    {
        get
        {
            if (!_ownsOptions) Options = _options.Duplicate();
            return _options;
        }
        set => (_options, _ownsOptions) = (value ?? throw new ArgumentNullException(nameof(value)), true);
    }

    /// <summary>The entry's tags: at first those of the call. Setting them replaces all.</summary>
    public string[]? Tags { get; set; }

    /// <summary>The value that the new one is to replace, if fail-safe has kept it.</summary>
    public MaybeValue<TValue> StaleValue { get; }

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

    internal string? Failure { get; private set; }

    /// <summary>The options to store with, without the copy that <see cref="Options"/> would make.</summary>
    internal FusionCacheEntryOptions EffectiveOptions => _options;

    /// <summary>
    /// Says that the value is new: <c>return ctx.Modified(value, etag)</c>, with its version and the time of its last
    /// change at the source.
    /// </summary>
    public TValue Modified(TValue value, string? etag = null, DateTimeOffset? lastModified = null)
    {
        (ETag, LastModified) = (etag, lastModified);
        return value;
    }

    /// <summary>
    /// Says that the stale value is still right, so that it is stored as if it were new:
    /// <c>return ctx.NotModified()</c>. <see cref="InvalidOperationException"/> when there is none.
    /// </summary>
    public TValue NotModified() => StaleValue.Value;

    /// <summary>
    /// Says that the factory failed as if by a <see cref="FusionCacheFactoryException"/>: <c>return ctx.Fail("why")</c>.
    /// </summary>
    public TValue Fail(string errorMessage)
    {
        Failure = errorMessage;
        return default!;
    }
}
