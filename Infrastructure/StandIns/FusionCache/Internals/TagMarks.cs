using System.Collections.Concurrent;

namespace ZiggyCreatures.Caching.Fusion.Internals;

/// <summary>What is known of one tag: the number of the last invalidation that named it.</summary>
sealed class TagMark
{
    long _removedAt;

    public long RemovedAt => Volatile.Read(ref _removedAt);

    public void Raise(long to)
    {
        for (var seen = RemovedAt; seen < to; seen = RemovedAt) Interlocked.CompareExchange(ref _removedAt, to, seen);
    }
}

/// <summary>
/// Which entries have been invalidated by a tag or a clear.
/// Invalidations are numbered. An entry carries the number of the last one before its factory began and holds the
/// marks of its tags; a mark with a higher number means that the entry is from before. So a factory in flight is beaten
/// without a look at who is in flight, and reading an entry looks nothing up.
/// Memory is bounded by what is cached: a mark is referred to weakly here and strongly by the entries that have the
/// tag, so it goes with the last of them. But a factory in flight may yet come with a tag that no entry has, so the
/// latest invalidations are held on to, and when there are too many of them the oldest is merged into a floor that
/// every new mark starts from. Forgetting thus only ever makes a value count as older than it is.
/// </summary>
sealed class TagMarks
{
    const int RecentLimit = 16_384;
    const int SmallestSweep = 4_096;

    readonly ConcurrentDictionary<string, WeakReference<TagMark>> _marks = new(StringComparer.Ordinal);
    readonly Queue<(TagMark Mark, long RemovedAt)> _recent = new();
    readonly Lock _writing = new();
    long _number;
    long _floor;
    long _clearedAt;
    long _wipedAt;
    int _additionsUntilSweep = SmallestSweep;

    /// <summary>The number of the last invalidation: what an entry is born with.</summary>
    public long Number => Volatile.Read(ref _number);

    /// <summary>Whether no invalidation since its birth bears on the entry.</summary>
    public bool Spare(Entry entry)
    {
        if (Volatile.Read(ref _clearedAt) > entry.Born) return false;
        foreach (var mark in entry.Marks)
            if (mark.RemovedAt > entry.Born) return false;
        return true;
    }

    /// <summary>Whether the entry may not even be served by fail-safe.</summary>
    public bool HaveWiped(Entry entry) => Volatile.Read(ref _wipedAt) > entry.Born;

    /// <summary>The marks of an entry's tags, which live as long as the entry refers to them.</summary>
    public TagMark[] Of(IEnumerable<string>? tags) => tags is null ? [] : [.. tags.Select(Find)];

    public void Remove(string tag)
    {
        lock (_writing)
        {
            // The number rises first: a factory that begins in between sees what the remover wrote, and is spared.
            var number = Interlocked.Increment(ref _number);
            var mark = Find(tag);
            mark.Raise(number);
            _recent.Enqueue((mark, number));
            if (_recent.Count <= RecentLimit) return;
            // The floor rises before the mark can go, or the invalidation would be lost in between.
            Volatile.Write(ref _floor, _recent.Peek().RemovedAt);
            _recent.Dequeue();
        }
    }

    public void Clear(bool allowFailSafe)
    {
        lock (_writing)
        {
            var number = Interlocked.Increment(ref _number);
            if (!allowFailSafe) Volatile.Write(ref _wipedAt, number);
            Volatile.Write(ref _clearedAt, number);
        }
    }

    TagMark Find(string tag)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        while (true)
        {
            var isKnown = _marks.TryGetValue(tag, out var reference);
            if (isKnown && reference!.TryGetTarget(out var mark)) return mark;
            mark = new TagMark();
            if (!(isKnown ? _marks.TryUpdate(tag, new(mark), reference!) : _marks.TryAdd(tag, new(mark)))) continue;
            // Now that others know the mark, so that no invalidation slips in between reading the floor and that.
            mark.Raise(Volatile.Read(ref _floor));
            if (!isKnown) SweepNowAndThen();
            return mark;
        }
    }

    void SweepNowAndThen()
    {
        if (Interlocked.Decrement(ref _additionsUntilSweep) != 0) return;
        var kept = 0;
        foreach (var pair in _marks)
            if (pair.Value.TryGetTarget(out _)) kept++;
            else _marks.TryRemove(pair);
        Volatile.Write(ref _additionsUntilSweep, Math.Max(SmallestSweep, kept));
    }
}
