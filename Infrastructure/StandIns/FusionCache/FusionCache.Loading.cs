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
        var entry = Find(key);
        if (entry is not null)
        {
            var now = _time.Now;
            if (IsFresh(entry, now))
            {
                CountHit(isStale: false);
                if (now >= entry.RefreshesAt && entry.ClaimRefresh())
                    Refresh(new Load<TValue>(key, factory, default, options.ResolveFor(this), tags), entry);
                return new((TValue)entry.Value!);
            }
        }
        return LoadAsync(new Load<TValue>(key, factory, failSafeDefaultValue, options.ResolveFor(this), tags), token);
    }

    async ValueTask<TValue> LoadAsync<TValue>(Load<TValue> load, CancellationToken token)
    {
        load.Stale = FindFallback(load);
        var patience = load.HasFallback ? load.Options.FactorySoftTimeout : Timeout.InfiniteTimeSpan;
        var gate = await _gates.EnterAsync(load.Key, patience, _time.Clock, token).ConfigureAwait(false);
        if (gate is null) return FallBackWhileAnotherLoads(load);

        // Whoever was in the gate before may have left a value.
        if (Find(load.Key) is { } found && IsFresh(found, _time.Now))
        {
            gate.Leave();
            CountHit(isStale: false);
            return (TValue)found.Value!;
        }

        Metrics.Miss.Add(1, _nameTag);
        load.Stale = FindFallback(load);
        var running = RunAsync(load, gate, token);
        var timeout = load.HasFallback && load.Options.FactorySoftTimeout != Timeout.InfiniteTimeSpan
            ? load.Options.FactorySoftTimeout
            : load.Options.FactoryHardTimeout;
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            try
            {
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
        }
        return (await running.ConfigureAwait(false)).ValueOrThrow();
    }

    /// <summary>Starts the factory for a value that is still fresh, unless someone is at it.</summary>
    void Refresh<TValue>(Load<TValue> load, Entry entry)
    {
        if (_gates.TryEnter(load.Key) is not { } gate) return;
        if (Find(load.Key) != entry)
        {
            gate.Leave();
            return;
        }
        load.Stale = entry;
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
                value = await load.RunAsync(context, token).ConfigureAwait(false);
                if (context.Failure is { } failure) throw new FusionCacheFactoryException(failure);
            }
            catch (Exception error)
            {
                return Fail(load, error, context.EffectiveOptions);
            }
            Metrics.FactorySuccess.Add(1, _nameTag);
            var marks = _tagMarks.Of(context.Tags);
            var options = context.EffectiveOptions;
            var entry = MakeEntry(value, options, load.Born, marks, context.ETag, context.LastModified);
            lock (load)
            {
                load.Outcome = new(value);
                Store(load.Key, entry);
            }
            Metrics.Set.Add(1, _nameTag);
            return new(value);
        }
        catch (Exception error)
        {
            // Not the factory's doing: an empty tag, or no size where the memory cache has a limit.
            _logger.LogError(error, "A value was not cached.");
            var outcome = Outcome<TValue>.Of(error);
            lock (load) load.Outcome = outcome;
            return outcome;
        }
        finally
        {
            gate.Leave();
        }
    }

    Outcome<TValue> Fail<TValue>(Load<TValue> load, Exception error, FusionCacheEntryOptions options)
    {
        lock (load)
        {
            var outcome = Outcome<TValue>.Of(error);
            if (error is OperationCanceledException)
            {
                load.Outcome = outcome;
                return outcome;
            }
            Metrics.FactoryError.Add(1, _nameTag);
            _logger.Log(_options.FactoryErrorsLogLevel, error, "A factory failed.");
            if (!load.IsInBackground && TryFailSafe(load, options, out var value)) outcome = new(value);
            load.Outcome = outcome;
            return outcome;
        }
    }

    /// <summary>What the caller that runs the factory gets when it has waited long enough.</summary>
    TValue Abandon<TValue>(Load<TValue> load, TimeSpan timeout)
    {
        lock (load)
        {
            // It may have ended just now; then nothing may be put over what it has stored.
            if (load.Outcome is { } outcome) return outcome.ValueOrThrow();
            load.IsInBackground = true;
            Metrics.FactoryTimeout.Add(1, _nameTag);
            _logger.Log(
                _options.FactorySyntheticTimeoutsLogLevel, "A factory took longer than {Timeout} and goes on.", timeout);
            if (TryFailSafe(load, load.Options, out var value)) return value;
        }
        throw new SyntheticTimeoutException($"The factory took longer than {timeout}.");
    }

    /// <summary>Puts an expired value back for a while, so that not every caller tries a factory in trouble.</summary>
    bool TryFailSafe<TValue>(Load<TValue> load, FusionCacheEntryOptions options, out TValue value)
    {
        value = default!;
        if (!load.HasFallback) return false;
        var now = _time.Now;
        if (Find(load.Key) is { } current && IsFresh(current, now))
        {
            value = (TValue)current.Value!;
            return true;
        }
        var throttle = options.FailSafeThrottleDuration;
        Entry again;
        if (load.Stale is { } stale && CanFallBackOn(stale))
            again = stale.With(load.Born, now + _time.Units(throttle));
        else if (load.FailSafeDefaultValue.HasValue)
            again = MakeEntry(load.FailSafeDefaultValue.Value, new(throttle) { Size = options.Size }, load.Born, []);
        else
            return false;
        Store(load.Key, again);
        Metrics.FailSafe.Add(1, _nameTag);
        CountHit(isStale: true);
        _logger.Log(_options.FailSafeActivationLogLevel, "An expired value is served for {Duration}.", throttle);
        value = (TValue)again.Value!;
        return true;
    }

    TValue FallBackWhileAnotherLoads<TValue>(Load<TValue> load)
    {
        if (Find(load.Key) is { } found && IsFresh(found, _time.Now))
        {
            CountHit(isStale: false);
            return (TValue)found.Value!;
        }
        CountHit(isStale: true);
        return load.Stale is { } stale && CanFallBackOn(stale)
            ? (TValue)stale.Value!
            : load.FailSafeDefaultValue.HasValue ? load.FailSafeDefaultValue.Value
            : throw new SyntheticTimeoutException("The factory takes long and there is no expired value any more.");
    }

    Entry? FindFallback<TValue>(Load<TValue> load)
        => load.Options.IsFailSafeEnabled && Find(load.Key) is { } entry && CanFallBackOn(entry) ? entry : null;
}
