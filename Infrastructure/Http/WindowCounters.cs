namespace SliceApi.Infrastructure.Http;

/// <summary>
/// Counts what each key takes in fixed windows. A key's window begins with the first thing it takes, so that not all
/// are free again at the same moment. It is measured on the monotonic clock: setting the machine's clock neither
/// lengthens nor shortens it.
/// </summary>
/// <remarks>
/// Around the end of a window a key may take up to twice the limit in a short time. At most <see cref="Capacity"/> keys
/// are remembered. The one unused for longest makes room, so a flood of new keys forgets the quiet ones and never one
/// that keeps coming back, and each call does the same little work however many keys there are.
/// </remarks>
sealed class WindowCounters(int limit, TimeSpan window, TimeProvider clock)
{
    /// <summary>How many keys are remembered; about 110 bytes each.</summary>
    public const int Capacity = 25_000;

    readonly Lock _lock = new();
    readonly Dictionary<CounterKey, LinkedListNode<Counter>> _byKey = [];
    readonly LinkedList<Counter> _byUse = new();
    readonly long _window = (long)window.TotalSeconds * clock.TimestampFrequency;

    /// <summary>How many keys are remembered now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _byKey.Count;
        }
    }

    /// <summary>Counts one for <paramref name="key"/>, unless its window is spent.</summary>
    public WindowState Take(CounterKey key)
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            ref var counter = ref Use(key, now).ValueRef;
            if (IsOver(counter, now))
                counter = new Counter(key, now, 0);
            // The first that is refused is counted, too, and then no more.
            var before = counter.Taken;
            if (before <= limit)
                counter = counter with { Taken = before + 1 };
            return State(counter, now, isSpent: before >= limit) with { IsFirstRefusal = before == limit };
        }
    }

    /// <summary>What <see cref="Take"/> would find, without counting. It is a use like taking.</summary>
    public WindowState Peek(CounterKey key)
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            var counter = _byKey.ContainsKey(key) && Use(key, now).Value is var known && !IsOver(known, now)
                ? known
                : new Counter(key, now, 0);
            return State(counter, now, isSpent: counter.Taken >= limit);
        }
    }

    /// <summary>Lets <paramref name="key"/> begin anew.</summary>
    public void Forget(CounterKey key)
    {
        lock (_lock)
        {
            if (_byKey.Remove(key, out var node))
                _byUse.Remove(node);
        }
    }

    // The key's place, moved to the end of those in use. A new key takes over the node of one that need not be
    // remembered: the longest unused, if its window is over or there is no room for both.
    LinkedListNode<Counter> Use(CounterKey key, long now)
    {
        if (_byKey.TryGetValue(key, out var node))
        {
            _byUse.Remove(node);
        }
        else if (_byUse.First is { } oldest && (_byKey.Count == Capacity || IsOver(oldest.Value, now)))
        {
            node = oldest;
            _byUse.Remove(node);
            _byKey.Remove(node.Value.Key);
            node.Value = new Counter(key, now, 0);
            _byKey.Add(key, node);
        }
        else
        {
            node = new LinkedListNode<Counter>(new Counter(key, now, 0));
            _byKey.Add(key, node);
        }

        _byUse.AddLast(node);
        return node;
    }

    bool IsOver(Counter counter, long now) => now - counter.Start >= _window;

    // Whole seconds, rounded up in the clock's own unit: a TimeSpan would cut what is shorter than a tick off.
    WindowState State(Counter counter, long now, bool isSpent)
    {
        var left = counter.Start + _window - now;
        return new WindowState(
            isSpent,
            Math.Max(0, limit - counter.Taken),
            (int)((left + clock.TimestampFrequency - 1) / clock.TimestampFrequency));
    }

    readonly record struct Counter(CounterKey Key, long Start, int Taken);
}

/// <summary>How a key stands.</summary>
/// <param name="IsSpent">Whether it may take no more in this window.</param>
/// <param name="Remaining">How many more it may take.</param>
/// <param name="SecondsLeft">After this many seconds the window is over, for certain; at least 1.</param>
/// <param name="IsFirstRefusal">Whether this was the first in the window that could not be taken.</param>
readonly record struct WindowState(bool IsSpent, int Remaining, int SecondsLeft, bool IsFirstRefusal = false);
