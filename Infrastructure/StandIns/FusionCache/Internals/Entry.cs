namespace ZiggyCreatures.Caching.Fusion.Internals;

/// <summary>
/// One cached value. Times are those of <see cref="MonotonicTime"/>; apart from the claim to refresh it, an entry never
/// changes: what changes it puts another in its place.
/// </summary>
sealed class Entry
{
    int _isRefreshClaimed;

    public required object? Value { get; init; }

    /// <summary>How many invalidations there had been when the value's factory began.</summary>
    public required long Born { get; init; }

    public required TagMark[] Marks { get; init; }

    /// <summary>Until when it is fresh.</summary>
    public required long ExpiresAt { get; init; }

    /// <summary>From when on a caller starts an eager refresh.</summary>
    public long RefreshesAt { get; init; } = long.MaxValue;

    /// <summary>Until when fail-safe may serve it.</summary>
    public required long DiesAt { get; init; }

    /// <summary>Whether it was made with fail-safe: without, it is never served after it expired.</summary>
    public required bool IsFailSafe { get; init; }

    public required long? Size { get; init; }

    public string? ETag { get; init; }

    public DateTimeOffset? LastModified { get; init; }

    /// <summary>Whether the caller is the one that is to refresh it.</summary>
    public bool ClaimRefresh() => Interlocked.Exchange(ref _isRefreshClaimed, 1) == 0;

    /// <summary>The same value, seen as made at <paramref name="born"/> and expiring at another time.</summary>
    public Entry With(long born, long expiresAt) => new()
    {
        Value = Value,
        Born = born,
        Marks = Marks,
        ExpiresAt = Math.Min(expiresAt, DiesAt),
        DiesAt = DiesAt,
        IsFailSafe = IsFailSafe,
        Size = Size,
        ETag = ETag,
        LastModified = LastModified,
    };
}
