using SliceApi.Infrastructure.Http;

namespace Tests.Infrastructure.Http;

/// <summary>How much passes, when it passes again, and what it costs to remember.</summary>
public sealed class WindowCountersTests
{
    const int Limit = 300;
    static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    static readonly TimeSpan Instant = TimeSpan.FromTicks(1);
    static readonly CounterKey Someone = new(1, 1);

    readonly FakeClock _clock = new();
    readonly WindowCounters _counters;

    public WindowCountersTests() => _counters = new WindowCounters(Limit, Window, _clock);

    [Fact]
    public void As_much_passes_as_the_limit_says_and_what_is_left_falls_by_one()
    {
        for (var left = Limit - 1; left >= 0; left--)
            Assert.Equal(new WindowState(false, left, 10), _counters.Take(Someone));
        Assert.Equal(new WindowState(true, 0, 10, IsFirstRefusal: true), _counters.Take(Someone));
        Assert.Equal(new WindowState(true, 0, 10), _counters.Take(Someone));
        Assert.Equal(new WindowState(true, 0, 10), _counters.Peek(Someone));
        Assert.False(_counters.Take(new CounterKey(1, 2)).IsSpent);
    }

    [Fact]
    public void After_exactly_the_seconds_that_are_told_the_next_one_passes_and_before_the_window_ends_none()
    {
        var random = new Random(20260101);
        for (var trial = 0; trial < 100; trial++)
        {
            var key = new CounterKey(2, (ulong)trial);
            Spend(key);
            var into = TimeSpan.FromTicks(random.NextInt64(Window.Ticks));
            _clock.Advance(into);
            var told = TimeSpan.FromSeconds(_counters.Take(key).SecondsLeft);
            var left = Window - into;
            Assert.InRange(told, left, left + TimeSpan.FromSeconds(1) - Instant);

            _clock.Advance(left - Instant);
            Assert.True(_counters.Take(key).IsSpent);
            _clock.Advance(told - left + Instant);
            Assert.Equal(Limit - 1, _counters.Take(key).Remaining);
        }
    }

    [Fact]
    public void Looking_counts_nothing_and_sees_what_taking_would_find()
    {
        Assert.Equal(new WindowState(false, Limit, 10), _counters.Peek(Someone));
        Spend(Someone);
        Assert.True(_counters.Peek(Someone).IsSpent);
        _clock.Advance(Window);
        Assert.Equal(new WindowState(false, Limit, 10), _counters.Peek(Someone));
    }

    [Fact]
    public void What_is_forgotten_begins_anew()
    {
        Spend(Someone);
        _counters.Forget(Someone);
        _counters.Forget(Someone);
        Assert.Equal(0, _counters.Count);
        Assert.Equal(Limit - 1, _counters.Take(Someone).Remaining);
    }

    [Fact]
    public void In_each_window_one_refusal_is_the_first()
    {
        for (var window = 0; window < 3; window++)
        {
            Spend(Someone);
            var refusals = Enumerable.Range(0, 3).Select(_ => _counters.Take(Someone).IsFirstRefusal);
            Assert.Equal([true, false, false], refusals);
            _clock.Advance(Window);
        }
    }

    [Fact]
    public void Around_the_end_of_a_window_twice_the_limit_passes_and_no_more()
    {
        _counters.Take(Someone);
        _clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal(Limit - 1, Passing(Limit));
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(Limit, Passing(2 * Limit));

        int Passing(int tries) => Enumerable.Range(0, tries).Count(_ => !_counters.Take(Someone).IsSpent);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void Setting_the_machines_clock_changes_nothing(int hours)
    {
        Spend(Someone);
        _clock.SetWallClock(TimeSpan.FromHours(hours));
        Assert.Equal(10, _counters.Take(Someone).SecondsLeft);
        Assert.True(_counters.Take(Someone).IsSpent);
        _clock.Advance(Window);
        Assert.False(_counters.Take(Someone).IsSpent);
    }

    [Fact]
    public void A_million_clients_take_no_more_memory_than_those_that_are_remembered()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0UL; i < 1_000_000; i++)
            _counters.Take(new CounterKey(3, i));
        // There are eight such tables, for 32 MB together; what growing leaves behind is at most as much again.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 * 32 * 1024 * 1024 / 8);
        Assert.Equal(WindowCounters.Capacity, _counters.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_flood_of_others_frees_nobody_who_keeps_coming_back(bool takes)
    {
        Spend(Someone);
        for (var i = 0; i < 10 * WindowCounters.Capacity; i++)
        {
            Assert.False(_counters.Take(new CounterKey(3, (ulong)i)).IsSpent);
            if (i % 1000 == 0)
                Assert.True((takes ? _counters.Take(Someone) : _counters.Peek(Someone)).IsSpent);
        }
    }

    [Fact]
    public void Clients_that_are_gone_make_room_before_the_table_grows()
    {
        for (var i = 0UL; i < 100; i++)
            _counters.Take(new CounterKey(4, i));
        _clock.Advance(Window);
        for (var i = 0UL; i < 100; i++)
            _counters.Take(new CounterKey(5, i));
        Assert.Equal(100, _counters.Count);
    }

    [Fact]
    public void Not_one_more_passes_when_many_come_at_once()
    {
        const int many = 100_000;
        var counters = new WindowCounters(many, Window, _clock);
        var passed = 0;
        using var start = new Barrier(4);
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            start.SignalAndWait(TestContext.Current.CancellationToken);
            for (var i = 0; i < many; i++)
            {
                if (!counters.Take(Someone).IsSpent)
                    Interlocked.Increment(ref passed);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Equal(many, passed);
    }

    void Spend(CounterKey key)
    {
        for (var i = 0; i < Limit; i++)
            Assert.False(_counters.Take(key).IsSpent);
    }
}
