using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Security;

namespace Tests.Infrastructure.Security;

/// <summary>How often a password may be guessed, from one address and from many.</summary>
public sealed class LoginThrottleTests
{
    const string Ada = "ada@example.com";
    static readonly IPAddress Here = IPAddress.Parse("192.0.2.1");
    static readonly IPAddress Elsewhere = IPAddress.Parse("198.51.100.1");
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    readonly FakeClock _clock = new();
    readonly LoginThrottle _throttle;
    int _looks;

    public LoginThrottleTests() => _throttle = new LoginThrottle(new Settings(), _clock);

    [Fact]
    public async Task After_5_wrong_ones_none_is_looked_at_until_exactly_the_time_that_is_told()
    {
        var random = new Random(20260101);
        for (var trial = 0; trial < 100; trial++)
        {
            var email = $"{trial}@example.com";
            for (var i = 0; i < 5; i++)
            {
                Assert.False(await WrongAsync(email, Here));
                _clock.Advance(TimeSpan.FromTicks(random.NextInt64(Minute.Ticks / 5)));
            }

            var looks = _looks;
            var wait = await ThrottledAsync(() => RightAsync(email, Here));
            Assert.InRange(wait, TimeSpan.FromSeconds(1), Minute);
            _clock.Advance(wait - TimeSpan.FromSeconds(1));
            Assert.Equal(TimeSpan.FromSeconds(1), await ThrottledAsync(() => RightAsync(email, Here)));
            Assert.Equal(looks, _looks);
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.True(await RightAsync(email, Here));
        }
    }

    [Fact]
    public async Task The_right_one_gives_the_wrong_ones_back()
    {
        for (var round = 0; round < 100; round++)
        {
            for (var i = 0; i < 4; i++)
                Assert.False(await WrongAsync(Ada, Here));
            Assert.True(await RightAsync(Ada, Here));
        }
    }

    [Fact]
    public async Task Somebody_who_guesses_from_elsewhere_shuts_nobody_out()
    {
        await GuessAsync(Ada, Elsewhere, 1000);
        Assert.True(await RightAsync(Ada, Here));
        await ThrottledAsync(() => RightAsync(Ada, Elsewhere));
    }

    [Fact]
    public async Task Who_guesses_from_everywhere_gets_an_addresss_few_guesses_once_an_hour()
    {
        for (var i = 0; i < 20; i++)
            Assert.Equal(5, await GuessAsync(Ada, Address(i), 6));
        _clock.Advance(Minute);
        for (var i = 0; i < 20; i++)
            Assert.Equal(0, await GuessAsync(Ada, Address(i), 6));
        Assert.Equal(5, await GuessAsync(Ada, Address(99), 6));
        Assert.Equal(5, await GuessAsync("bob@example.com", Address(0), 6));

        // Its own hour ends a minute later than that of all together.
        _clock.Advance(Minute);
        Assert.Equal(TimeSpan.FromMinutes(58), await ThrottledAsync(() => WrongAsync(Ada, Address(99))));
        var wait = await ThrottledAsync(() => WrongAsync(Ada, Address(0)));
        Assert.Equal(TimeSpan.FromMinutes(58), wait);
        _clock.Advance(wait - TimeSpan.FromSeconds(1));
        await ThrottledAsync(() => RightAsync(Ada, Address(0)));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await RightAsync(Ada, Address(0)));
    }

    [Fact]
    public async Task An_address_that_had_the_right_one_lately_keeps_its_guesses_a_minute()
    {
        Assert.True(await RightAsync(Ada, Here));
        await GuessAsync(Ada, Elsewhere, 1000, pause: Minute);
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(5, await GuessAsync(Ada, Here, 6));
            _clock.Advance(Minute);
        }

        Assert.True(await RightAsync(Ada, Here));
    }

    [Fact]
    public async Task A_network_of_ipv6_is_one_address()
    {
        for (var i = 0; i < 5; i++)
            Assert.False(await WrongAsync(Ada, IPAddress.Parse($"2001:db8::{i:x}")));
        await ThrottledAsync(() => WrongAsync(Ada, IPAddress.Parse("2001:db8::ffff")));
        Assert.True(await RightAsync(Ada, IPAddress.Parse("2001:db8:0:1::")));
    }

    [Fact]
    public async Task Guesses_sent_at_once_learn_no_more_than_guesses_in_turn()
    {
        var (wrong, right) = (new TaskCompletionSource<bool>(), new TaskCompletionSource<bool>());
        var guesses = Enumerable.Range(0, 20).Select(_ => _throttle.TryAsync(Ada, Here, () => wrong.Task)).ToList();
        var last = _throttle.TryAsync(Ada, Here, () => right.Task);
        wrong.SetResult(false);
        var learnt = 0;
        foreach (var guess in guesses)
        {
            if (await Record.ExceptionAsync(() => guess) is not RateLimitedException)
                learnt++;
        }

        Assert.Equal(5, learnt);
        right.SetResult(true);
        await ThrottledAsync(() => last);
    }

    [Fact]
    public async Task Right_ones_sent_at_once_all_pass()
        => Assert.All(await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => RightAsync(Ada, Here))), Assert.True);

    [Fact]
    public async Task A_try_that_was_not_finished_counts_for_nothing()
    {
        for (var i = 0; i < 10; i++)
        {
            await Assert.ThrowsAsync<OverloadedException>(
                () => _throttle.TryAsync(Ada, Here, () => throw new OverloadedException()));
        }

        Assert.True(await RightAsync(Ada, Here));
    }

    [Fact]
    public async Task Throttles_nobody_when_limits_are_switched_off()
    {
        var off = new LoginThrottle(new Settings { RateLimits = new RateLimitSettings { Enabled = false } }, _clock);
        for (var i = 0; i < 200; i++)
            Assert.False(await off.TryAsync(Ada, Here, () => Task.FromResult(false)));
    }

    Task<bool> RightAsync(string email, IPAddress from) => LookAsync(email, from, true);

    Task<bool> WrongAsync(string email, IPAddress from) => LookAsync(email, from, false);

    Task<bool> LookAsync(string email, IPAddress from, bool right)
        => _throttle.TryAsync(email, from, () =>
        {
            _looks++;
            return Task.FromResult(right);
        });

    // How many of the guesses were looked at.
    async Task<int> GuessAsync(string email, IPAddress from, int times, TimeSpan pause = default)
    {
        var before = _looks;
        for (var i = 0; i < times; i++)
        {
            await Record.ExceptionAsync(() => WrongAsync(email, from));
            if (i % 5 == 4)
                _clock.Advance(pause);
        }

        return _looks - before;
    }

    static async Task<TimeSpan> ThrottledAsync(Func<Task<bool>> attempt)
        => (await Assert.ThrowsAsync<RateLimitedException>(attempt)).RetryAfter!.Value;

    static IPAddress Address(int i) => IPAddress.Parse($"203.0.113.{i}");
}
