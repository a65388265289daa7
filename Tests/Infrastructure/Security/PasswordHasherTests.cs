using Microsoft.Extensions.Logging.Abstractions;
using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Security;

namespace Tests.Infrastructure.Security;

public sealed class PasswordHasherTests : IDisposable
{
    const string Salt = "AAAAAAAAAAAAAAAAAAAAAA";
    const string Digest = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    readonly PasswordHasher _hasher = Hasher(memoryKiB: 64);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _hasher.Dispose();

    [Fact]
    public async Task Knows_a_password_again()
    {
        var hash = await _hasher.HashAsync("a fine password", Ct);
        Assert.StartsWith("$argon2id$v=19$m=64,t=1,p=1$", hash, StringComparison.Ordinal);
        Assert.True(await _hasher.VerifyAsync(hash, "a fine password", Ct));
        Assert.False(await _hasher.VerifyAsync(hash, "a fine passwore", Ct));
        Assert.False(_hasher.IsOutdated(hash));
    }

    [Fact]
    public async Task Says_no_for_nobody()
        => Assert.False(await _hasher.VerifyAsync((string?)null, "a fine password", Ct));

    [Fact]
    public async Task Works_as_hard_for_nobody_as_for_somebody()
    {
        using var stronger = Hasher(memoryKiB: 128);
        foreach (var hasher in new[] { _hasher, stronger })
        {
            var somebodys = await hasher.HashAsync("a fine password", Ct);
            Assert.False(hasher.IsOutdated(hasher.NobodysHash));
            Assert.Equal(somebodys.Split('$')[..4], hasher.NobodysHash.Split('$')[..4]);
        }
    }

    [Fact]
    public async Task Tells_hashes_of_other_strength()
    {
        using var stronger = Hasher(memoryKiB: 128);
        Assert.True(stronger.IsOutdated(await _hasher.HashAsync("a fine password", Ct)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a fine password")]
    [InlineData($"$argon2id$v=19$m=4294967295,t=1,p=1${Salt}${Digest}")]
    [InlineData($"$argon2id$v=19$m=9999999,t=1,p=1${Salt}${Digest}")]
    [InlineData($"$argon2id$v=19$m=64,t=999,p=1${Salt}${Digest}")]
    [InlineData($"$argon2id$v=19$m=64,t=0,p=1${Salt}${Digest}")]
    [InlineData($"$argon2id$v=19$m=64,t=1,p=0${Salt}${Digest}")]
    [InlineData($"$argon2id$v=19$m=64,t=1,p=99${Salt}${Digest}")]
    [InlineData($"$argon2id$v=16$m=64,t=1,p=1${Salt}${Digest}")]
    [InlineData($"$argon2id$v=19$m=64,t=1${Salt}${Digest}")]
    [InlineData($"$argon2id$v=19$m=64,t=1,p=1$????????????????????AA${Digest}")]
    [InlineData($"$argon2id$v=19$m=64,t=1,p=1${Salt}$AAAA")]
    public async Task Says_no_for_a_stored_hash_that_is_damaged(string hash)
        => Assert.False(await _hasher.VerifyAsync(hash, "a fine password", Ct));

    [Fact]
    public async Task Turns_away_whoever_would_wait_too_long()
    {
        using var slow = Hasher(memoryKiB: 16 * 1024);
        var room = 17 * Environment.ProcessorCount;
        var calls = Enumerable.Range(0, room * 2).Select(_ => slow.HashAsync("a fine password", Ct)).ToList();

        var turnedAway = 0;
        foreach (var call in calls)
        {
            try
            {
                await call;
            }
            catch (OverloadedException e)
            {
                turnedAway++;
                Assert.NotNull(e.RetryAfter);
            }
        }

        Assert.InRange(turnedAway, 1, room);
        Assert.NotEmpty(await slow.HashAsync("a fine password", Ct));
    }

    [Fact]
    public async Task Looks_up_nothing_for_whoever_is_turned_away()
    {
        var (lookedUp, goOn) = (0, new TaskCompletionSource<string?>());
        Task<string?> LookUp()
        {
            lookedUp++;
            return goOn.Task;
        }

        var room = 17 * Environment.ProcessorCount;
        var waiting = Enumerable.Range(0, room)
            .Select(_ => _hasher.VerifyAsync(LookUp, "a fine password", Ct)).ToList();
        await Assert.ThrowsAsync<OverloadedException>(() => _hasher.VerifyAsync(LookUp, "a fine password", Ct));
        Assert.Equal(room, lookedUp);
        goOn.SetResult(null);
        Assert.DoesNotContain(true, await Task.WhenAll(waiting));
        Assert.Equal(0, _hasher.Inside);
    }

    [Fact]
    public async Task Gives_the_place_of_whoever_leaves_to_the_next()
    {
        using var slow = Hasher(memoryKiB: 16 * 1024);
        using var leaving = new CancellationTokenSource();
        var calls = Enumerable.Range(0, 17 * Environment.ProcessorCount)
            .Select(_ => slow.HashAsync("a fine password", leaving.Token))
            .ToList();
        await leaving.CancelAsync();
        var outcomes = new List<Exception?>();
        foreach (var call in calls)
            outcomes.Add(await Record.ExceptionAsync(() => call));
        Assert.Contains(outcomes, e => e is OperationCanceledException);
        Assert.DoesNotContain(outcomes, e => e is not null and not OperationCanceledException);
        Assert.NotEmpty(await slow.HashAsync("a fine password", Ct));
    }

    static PasswordHasher Hasher(int memoryKiB)
        => new(
            new Settings { Passwords = new PasswordSettings { MemoryKiB = memoryKiB, Iterations = 1 } },
            NullLogger<PasswordHasher>.Instance);
}
