namespace ZiggyCreatures.Caching.Fusion;

/// <summary>
/// A cache that runs one factory per key at a time, however many callers ask for the key. A factory must not ask the
/// cache for its own key: it would wait for itself. Options left out are <see cref="DefaultEntryOptions"/>; those of
/// methods that neither make nor store a value have no effect. A cancelled token ends the call it was given to.
/// </summary>
public interface IFusionCache : IDisposable
{
    /// <summary>The options of a call that names none.</summary>
    FusionCacheEntryOptions DefaultEntryOptions { get; }

    /// <summary>A copy of <see cref="DefaultEntryOptions"/>, with the duration if one is given, then set up.</summary>
    FusionCacheEntryOptions CreateEntryOptions(
        Action<FusionCacheEntryOptions>? setupAction = null, TimeSpan? duration = null);

    /// <summary>The value of a key; when there is no fresh one, the factory makes it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="factory">
    /// Makes the value; <see langword="null"/> is a value like any other. It runs alone for its key; who else asks for
    /// the key waits for it. It gets the token of the caller that started it, or none if an eager refresh did.
    /// </param>
    /// <param name="failSafeDefaultValue">What fail-safe serves when the factory fails and none is kept.</param>
    /// <param name="options">How the entry is made and kept.</param>
    /// <param name="tags">The entry's tags.</param>
    /// <param name="token">Ends this caller's waiting, and the factory's work if this caller started it.</param>
    /// <exception cref="SyntheticTimeoutException">
    /// The factory took longer than <see cref="FusionCacheEntryOptions.FactoryHardTimeout"/>.
    /// </exception>
    ValueTask<TValue> GetOrSetAsync<TValue>(
        string key, Func<FusionCacheFactoryExecutionContext<TValue>, CancellationToken, Task<TValue>> factory,
        MaybeValue<TValue> failSafeDefaultValue = default, FusionCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null, CancellationToken token = default);

    /// <summary>The fresh value of a key, or the one given; stores nothing.</summary>
    ValueTask<TValue?> GetOrDefaultAsync<TValue>(
        string key, TValue? defaultValue = default, FusionCacheEntryOptions? options = null,
        CancellationToken token = default);

    /// <summary>The fresh value of a key if there is one; stores nothing.</summary>
    ValueTask<MaybeValue<TValue>> TryGetAsync<TValue>(
        string key, FusionCacheEntryOptions? options = null, CancellationToken token = default);

    /// <summary>Stores a value, in place of what is there.</summary>
    ValueTask SetAsync<TValue>(
        string key, TValue value, FusionCacheEntryOptions? options = null, IEnumerable<string>? tags = null,
        CancellationToken token = default);

    /// <summary>
    /// Drops the entry of a key, fail-safe's copy included. A factory that is running stores its value nevertheless:
    /// after a change at the source, remove by tag.
    /// </summary>
    ValueTask RemoveAsync(string key, FusionCacheEntryOptions? options = null, CancellationToken token = default);

    /// <summary>Makes the entry of a key expire now; fail-safe may still serve it.</summary>
    ValueTask ExpireAsync(string key, FusionCacheEntryOptions? options = null, CancellationToken token = default);

    /// <summary>
    /// Makes all entries with a tag expire now, and those too that factories running now are still to make: once this
    /// has completed, only a value whose factory began afterwards is fresh. Fail-safe may still serve the old ones.
    /// </summary>
    ValueTask RemoveByTagAsync(string tag, FusionCacheEntryOptions? options = null, CancellationToken token = default);

    /// <summary>Makes all entries with any of the tags expire now, as the overload for one tag does.</summary>
    ValueTask RemoveByTagAsync(
        IEnumerable<string> tags, FusionCacheEntryOptions? options = null, CancellationToken token = default);

    /// <summary>
    /// Makes all entries expire now, and those too that factories running now are still to make. Fail-safe may still
    /// serve them if that is allowed; if not, they are dropped.
    /// </summary>
    ValueTask ClearAsync(
        bool allowFailSafe = true, FusionCacheEntryOptions? options = null, CancellationToken token = default);
}
