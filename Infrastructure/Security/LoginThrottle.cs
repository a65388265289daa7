using System.Net;
using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Http;

namespace SliceApi.Infrastructure.Security;

/// <summary>
/// Slows down whoever guesses passwords, without giving anybody the means to lock somebody else out.
/// <list type="bullet">
/// <item>An address has a few wrong guesses a minute for one e-mail address; the right one gives them back.</item>
/// <item>Many addresses together have a number of wrong guesses an hour. When that is spent, each address has its few
/// guesses only once an hour: an attack from everywhere gets slow, and the owner still gets in from an address that the
/// attacker does not use.</item>
/// <item>An address from which the right password came lately is spared the second rule: its owner is not put to the
/// proof again because strangers guess.</item>
/// </list>
/// E-mail addresses that nobody has are counted alike, or being slowed down would say who has an account. All of it is
/// in memory, bounded, and gone with the process.
/// </summary>
public sealed class LoginThrottle
{
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    static readonly TimeSpan Lately = TimeSpan.FromDays(30);

    readonly bool _enabled;
    readonly Lock _lock = new();
    readonly WindowCounters _minutes;
    readonly WindowCounters _hours;
    readonly WindowCounters _everywhere;
    readonly WindowCounters _trusted;

    /// <summary>Throttles as the settings say.</summary>
    public LoginThrottle(Settings settings, TimeProvider clock)
    {
        var limits = settings.RateLimits;
        _enabled = limits.Enabled;
        _minutes = new WindowCounters(limits.FailedLogins, Minute, clock);
        _hours = new WindowCounters(limits.FailedLogins, Hour, clock);
        _everywhere = new WindowCounters(limits.FailedLoginsPerEmail, Hour, clock);
        _trusted = new WindowCounters(1, Lately, clock);
    }

    /// <summary>Whether a password is the right one, if it may be tried at all.</summary>
    /// <param name="emailKey">Whose password: the address as it is compared (<see cref="EmailAddress.Key"/>).</param>
    /// <param name="from">Who tries.</param>
    /// <param name="isRight">Finds out; not called when the guess is one too many.</param>
    /// <exception cref="RateLimitedException">There were too many wrong guesses.</exception>
    public async Task<bool> TryAsync(string emailKey, IPAddress? from, Func<Task<bool>> isRight)
    {
        if (!_enabled)
            return await isRight();
        var email = CounterKey.Of(emailKey);
        var pair = email.And(CounterKey.Of(from));
        ThrowIfThrottled(email, pair);
        var right = await isRight();
        lock (_lock)
        {
            // Others may have failed meanwhile. A hundred guesses at once must tell no more than one after the other.
            ThrowIfThrottled(email, pair);
            if (right)
                Trust(pair);
            else
                Count(email, pair);
        }

        return right;
    }

    void ThrowIfThrottled(CounterKey email, CounterKey pair)
    {
        if (_minutes.Peek(pair) is { IsSpent: true } minute)
            throw new RateLimitedException(minute.SecondsLeft);
        if (_hours.Peek(pair) is { IsSpent: true } hour
            && _everywhere.Peek(email) is { IsSpent: true } everywhere
            && !_trusted.Peek(pair).IsSpent)
        {
            // Whichever ends first, ends it.
            throw new RateLimitedException(Math.Min(hour.SecondsLeft, everywhere.SecondsLeft));
        }
    }

    void Count(CounterKey email, CounterKey pair)
    {
        _minutes.Take(pair);
        _hours.Take(pair);
        _everywhere.Take(email);
    }

    void Trust(CounterKey pair)
    {
        _minutes.Forget(pair);
        _trusted.Forget(pair);
        _trusted.Take(pair);
    }
}
