namespace ZiggyCreatures.Caching.Fusion.Internals;

/// <summary>Lets one at a time through per key. No two keys share a gate: a factory may ask for others.</summary>
sealed class KeyGates
{
    const int ShardCount = 64;

    readonly Dictionary<string, Gate>[] _shards =
        [.. Enumerable.Range(0, ShardCount).Select(_ => new Dictionary<string, Gate>(StringComparer.Ordinal))];

    /// <summary>Waits to be let in. Null when patience ran out; else the gate, which is to be left.</summary>
    public async ValueTask<Gate?> EnterAsync(string key, TimeSpan patience, TimeProvider clock, CancellationToken token)
    {
        var gate = Join(key);
        if (gate.Wait(0, CancellationToken.None)) return gate;
        // Not the semaphore's own timeout, which knows no clock but the machine's.
        using var deadline = new CancellationTokenSource(patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, deadline.Token);
        try
        {
            await gate.WaitAsync(either.Token).ConfigureAwait(false);
            return gate;
        }
        catch (OperationCanceledException)
        {
            Part(gate);
            token.ThrowIfCancellationRequested();
            return null;
        }
    }

    /// <summary>Enters unless somebody is in the gate.</summary>
    public Gate? TryEnter(string key)
    {
        var gate = Join(key);
        if (gate.Wait(0, CancellationToken.None)) return gate;
        Part(gate);
        return null;
    }

    public void Leave(Gate gate)
    {
        gate.Release();
        Part(gate);
    }

    Gate Join(string key)
    {
        var shard = ShardOf(key);
        lock (shard)
        {
            if (!shard.TryGetValue(key, out var gate)) shard.Add(key, gate = new Gate(key));
            gate.Visitors++;
            return gate;
        }
    }

    void Part(Gate gate)
    {
        var shard = ShardOf(gate.Key);
        lock (shard)
            if (--gate.Visitors == 0) shard.Remove(gate.Key);
    }

    Dictionary<string, Gate> ShardOf(string key)
        => _shards[(uint)key.GetHashCode(StringComparison.Ordinal) % ShardCount];

    internal sealed class Gate(string key) : SemaphoreSlim(1, 1)
    {
        public string Key => key;

        /// <summary>How many are in it or wait before it; guarded by the shard.</summary>
        public int Visitors { get; set; }
    }
}
