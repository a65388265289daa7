namespace ZiggyCreatures.Caching.Fusion.Internals;

/// <summary>
/// Lets one at a time through per key. A gate exists while someone is in it or waits before it, and no key shares its
/// gate with another: a factory may ask for other keys.
/// </summary>
sealed class KeyGates
{
    const int ShardCount = 64;

    readonly Dictionary<string, Gate>[] _shards = [.. Enumerable.Range(0, ShardCount)
        .Select(_ => new Dictionary<string, Gate>(StringComparer.Ordinal))];

    /// <summary>Waits to be let in; the gate, to be left by <see cref="Gate.Leave"/>, or null when patience ran out.</summary>
    public async ValueTask<Gate?> EnterAsync(string key, TimeSpan patience, TimeProvider clock, CancellationToken token)
    {
        var gate = Join(key);
        try
        {
            if (patience == Timeout.InfiniteTimeSpan)
            {
                await gate.Free.WaitAsync(token).ConfigureAwait(false);
                return gate;
            }
            if (gate.Free.Wait(0, CancellationToken.None)) return gate;
            // Not the semaphore's own timeout, which knows no clock but the machine's.
            using var deadline = new CancellationTokenSource(patience, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(token, deadline.Token);
            try
            {
                await gate.Free.WaitAsync(either.Token).ConfigureAwait(false);
                return gate;
            }
            catch (OperationCanceledException)
            {
                token.ThrowIfCancellationRequested();
                Part(gate);
                return null;
            }
        }
        catch
        {
            Part(gate);
            throw;
        }
    }

    /// <summary>Enters if nobody is in the gate or waits before it; null if somebody is.</summary>
    public Gate? TryEnter(string key)
    {
        var gate = Join(key);
        if (gate.Free.Wait(0, CancellationToken.None)) return gate;
        Part(gate);
        return null;
    }

    Gate Join(string key)
    {
        var shard = ShardOf(key);
        lock (shard)
        {
            if (!shard.TryGetValue(key, out var gate)) shard.Add(key, gate = new Gate(this, key));
            gate.Visitors++;
            return gate;
        }
    }

    void Part(Gate gate)
    {
        var shard = ShardOf(gate.Key);
        lock (shard)
        {
            if (--gate.Visitors == 0) shard.Remove(gate.Key);
        }
    }

    Dictionary<string, Gate> ShardOf(string key) => _shards[key.GetHashCode(StringComparison.Ordinal) & (ShardCount - 1)];

    internal sealed class Gate(KeyGates gates, string key)
    {
        // Never disposed: it holds nothing to give back unless its wait handle is asked for.
        public SemaphoreSlim Free { get; } = new(1, 1);

        public string Key => key;

        /// <summary>Who is in it or waits before it; guarded by the shard.</summary>
        public int Visitors { get; set; }

        public void Leave()
        {
            Free.Release();
            gates.Part(this);
        }
    }
}
