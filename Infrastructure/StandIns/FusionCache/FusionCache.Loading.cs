using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using ZiggyCreatures.Caching.Fusion.Internals;

namespace ZiggyCreatures.Caching.Fusion;

// How a value comes to be: who runs the factory, who waits for it, and what happens when it fails or takes too long.
public sealed partial class FusionCache
{
    internal ValueTask<TValue> GetOrSetAsync<TValue>(
        string key, Delegate factory, MaybeValue<TValue> failSafeDefaultValue, OptionsSource options,
        IEnumerable<string>? tags, CancellationToken token)
    {
        if (token.IsCancellationRequested) return ValueTask.FromCanceled<TValue>(token);
        var now = _time.Now;
        if (Find(key) is not { } entry || !IsFresh(entry, now))
            return LoadAsync<TValue>(new(key, factory, failSafeDefaultValue, options.ResolveFor(this), tags), token);
        CountHit(isStale: false);
        if (now >= entry.RefreshesAt && entry.ClaimRefresh())
            Refresh<TValue>(new(key, factory, default, options.ResolveFor(this), tags) { Stale = entry });
        return new((TValue)entry.Value!);
    }

    async ValueTask<TValue> LoadAsync<TValue>(Load<TValue> load, CancellationToken token)
    {
        load.Stale = FindFallback(load);
        var patience = load.HasFallback ? load.Options.FactorySoftTimeout : Timeout.InfiniteTimeSpan;
        var gate = await _gates.EnterAsync(load.Key, patience, _time.Clock, token).ConfigureAwait(false);
        if (gate is null) return FallBackWhileAnotherLoads(load);

        // Whoever was in the gate before may have left a value.
        if (FindFresh(load.Key) is { } found)
        {
            _gates.Leave(gate);
            CountHit(isStale: false);
            return (TValue)found.Value!;
        }

        Metrics.Miss.Add(1, _nameTag);
        load.Stale = FindFallback(load);
        var running = RunAsync(load, gate, token);
        var timeout = load.HasFallback && load.Options.FactorySoftTimeout != Timeout.InfiniteTimeSpan
            ? load.Options.FactorySoftTimeout
            : load.Options.FactoryHardTimeout;
        try
        {
            if (timeout != Timeout.InfiniteTimeSpan)
                await running.WaitAsync(timeout, _time.Clock, token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return Abandon(load, timeout);
        }
        catch (OperationCanceledException)
        {
            lock (load) load.IsInBackground = true;
            throw;
        }
        return (await running.ConfigureAwait(false)).ValueOrThrow();
    }

    /// <summary>Starts the factory for a value that is still fresh, unless someone is at it.</summary>
    void Refresh<TValue>(Load<TValue> load)
    {
        if (_gates.TryEnter(load.Key) is not { } gate) return;
        load.IsInBackground = true;
        Metrics.EagerRefresh.Add(1, _nameTag);
        // Without the caller's token, which ends with the caller's request; on the pool, so that the caller need not
        // wait for what the factory does before its first await.
        _ = Task.Run(() => RunAsync(load, gate, CancellationToken.None), CancellationToken.None);
    }

    /// <summary>Runs the factory, sees to its end, and leaves the gate; never throws.</summary>
    async Task<Outcome<TValue>> RunAsync<TValue>(Load<TValue> load, KeyGates.Gate gate, CancellationToken token)
    {
        try
        {
            // Before the factory reads anything: what is invalidated from now on beats it.
            load.Born = _tagMarks.Number;
            var context = load.CreateContext();
            TValue value;
            try
            {
                value = await Load<TValue>.WithContext(load.Factory)(context, token).ConfigureAwait(false);
                if (context.Failure is { } failure) throw new FusionCacheFactoryException(failure);
            }
            catch (Exception error)
            {
                return Fail(load, error, context.EffectiveOptions);
            }
            Metrics.Success.Add(1, _nameTag);
            var (options, marks) = (context.EffectiveOptions, _tagMarks.Of(context.Tags));
            var entry = MakeEntry(value, options, load.Born, marks, context.ETag, context.LastModified);
            lock (load) Store(load.Key, entry);
            Metrics.Set.Add(1, _nameTag);
            return new(value);
        }
        catch (Exception error)
        {
            // Not the factory's doing: an empty tag, or no size where the memory cache has a limit.
            _logger.LogError(error, "A value was not cached.");
            return new(default!, ExceptionDispatchInfo.Capture(error));
        }
        finally
        {
            _gates.Leave(gate);
        }
    }

    Outcome<TValue> Fail<TValue>(Load<TValue> load, Exception error, FusionCacheEntryOptions options)
    {
        if (error is not OperationCanceledException)
        {
            Metrics.Error.Add(1, _nameTag);
            _logger.LogWarning(error, "A factory failed.");
            lock (load)
                if (!load.IsInBackground && TryFailSafe(load, options, out var value)) return new(value);
        }
        return new(default!, ExceptionDispatchInfo.Capture(error));
    }

    /// <summary>What the caller that runs the factory gets when it has waited long enough.</summary>
    TValue Abandon<TValue>(Load<TValue> load, TimeSpan timeout)
    {
        lock (load)
        {
            load.IsInBackground = true;
            Metrics.Timeout.Add(1, _nameTag);
            _logger.LogWarning("A factory takes longer than {Timeout}.", timeout);
            if (TryFailSafe(load, load.Options, out var value)) return value;
        }
        throw new SyntheticTimeoutException($"The factory took longer than {timeout}.");
    }

    /// <summary>Puts an expired value back for a while, so that not every caller tries a factory in trouble.</summary>
    bool TryFailSafe<TValue>(Load<TValue> load, FusionCacheEntryOptions options, out TValue value)
    {
        value = default!;
        if (!load.HasFallback) return false;
        var throttle = options.FailSafeThrottleDuration;
        var until = _time.Now + _time.Units(throttle);
        var again = FindFresh(load.Key);
        if (again is null)
        {
            if (load.Stale is { } stale && CanFallBackOn(stale))
                again = stale with { Born = load.Born, ExpiresAt = Math.Min(until, stale.DiesAt), RefreshesAt = until };
            else if (load.FailSafeDefaultValue.HasValue)
                again = MakeEntry(
                    load.FailSafeDefaultValue.Value, new() { Duration = throttle, Size = options.Size }, load.Born, []);
            else return false;
            Store(load.Key, again);
            Metrics.FailSafe.Add(1, _nameTag);
            _logger.LogWarning("An expired value is served for {Duration}.", throttle);
        }
        CountHit(isStale: true);
        value = (TValue)again.Value!;
        return true;
    }

    TValue FallBackWhileAnotherLoads<TValue>(Load<TValue> load)
    {
        CountHit(isStale: true);
        if (FindFresh(load.Key) is { } found) return (TValue)found.Value!;
        if (load.Stale is { } stale && CanFallBackOn(stale)) return (TValue)stale.Value!;
        if (load.FailSafeDefaultValue.HasValue) return load.FailSafeDefaultValue.Value;
        throw new SyntheticTimeoutException("The factory takes long and there is no expired value any more.");
    }

    Entry? FindFallback<TValue>(Load<TValue> load)
        => load.Options.IsFailSafeEnabled && Find(load.Key) is { } entry && CanFallBackOn(entry) ? entry : null;
}
