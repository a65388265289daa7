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

    /// <summary>
    /// The value of a key, null included; when there is no fresh one, the factory makes it. It gets the token of the
    /// caller that started it, or none in an eager refresh. The default is served when fail-safe has kept nothing.
    /// <see cref="SyntheticTimeoutException"/> after <see cref="FusionCacheEntryOptions.FactoryHardTimeout"/>.
    /// </summary>
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

    /// <summary>Drops a key's entry, fail-safe's copy too. A running factory still stores its own: use tags.</summary>
    ValueTask RemoveAsync(string key, FusionCacheEntryOptions? options = null, CancellationToken token = default);

    /// <summary>Makes the entry of a key expire now; fail-safe may still serve it.</summary>
    ValueTask ExpireAsync(string key, FusionCacheEntryOptions? options = null, CancellationToken token = default);

    /// <summary>
    /// Makes all entries with a tag expire now, and those too that factories running now are still to make: once this
    /// has completed, only a value whose factory began afterwards is fresh. Fail-safe may still serve the old ones.
    /// </summary>
    ValueTask RemoveByTagAsync(string tag, FusionCacheEntryOptions? options = null, CancellationToken token = default);

    /// <summary>Expires all entries as if by a common tag; drops them if fail-safe may not serve them.</summary>
    ValueTask ClearAsync(
        bool allowFailSafe = true, FusionCacheEntryOptions? options = null, CancellationToken token = default);
}

/// <summary>A factory took longer than its caller was to wait. It goes on; its value is stored when it comes.</summary>
public class SyntheticTimeoutException(string? message) : TimeoutException(message);

/// <summary>A factory said that it failed, by <see cref="FusionCacheFactoryExecutionContext{TValue}.Fail"/>.</summary>
public class FusionCacheFactoryException(string? message) : Exception(message);
