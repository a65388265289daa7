namespace ZiggyCreatures.Caching.Fusion.Internals;

/// <summary>
/// One cached value; to change it, another is put in its place. It is fresh until ExpiresAt, eagerly refreshed from
/// RefreshesAt on, and served by fail-safe until DiesAt if it was made with fail-safe, in <see cref="MonotonicTime"/>.
/// Born is the number of the last invalidation before its factory began.
/// </summary>
sealed record Entry(
    object? Value, long Born, TagMark[] Marks, long ExpiresAt, long RefreshesAt, long DiesAt, bool IsFailSafe,
    long? Size, string? ETag, DateTimeOffset? LastModified)
{
    int _isRefreshClaimed;

    /// <summary>Whether the caller is the one that is to refresh it.</summary>
    public bool ClaimRefresh() => Interlocked.Exchange(ref _isRefreshClaimed, 1) == 0;
}
