using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Isopoh.Cryptography.Argon2;
using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Http;

namespace SliceApi.Infrastructure.Security;

/// <summary>
/// Hashes passwords with Argon2id (RFC 9106). A hash costs a core and 19 MB for tens of milliseconds on purpose, so all
/// cores but one hash at a time and few wait: a flood of logins meets 503 instead of starving everything else.
/// </summary>
public sealed partial class PasswordHasher : IDisposable
{
    const int SaltBytes = 16;
    const int HashBytes = 32;
    const int WaitingPerCore = 16;

    // What a stored hash may ask for at most: its parameters are obeyed when it is verified.
    const int MaxMemoryKiB = 1024 * 1024;
    const int MaxIterations = 100;
    const int MaxParallelism = 16;

    readonly PasswordSettings _settings;
    readonly ILogger _logger;
    readonly SemaphoreSlim _cores = new(Math.Max(1, Environment.ProcessorCount - 1));
    int _inside;

    /// <summary>Hashes at the cost that the settings ask for.</summary>
    public PasswordHasher(Settings settings, ILogger<PasswordHasher> logger)
    {
        _settings = settings.Passwords;
        _logger = logger;
        NobodysHash = MakeUp(settings.Passwords);
    }

    /// <summary>How many hashes are being made or wait to be.</summary>
    public int Inside => Volatile.Read(ref _inside);

    /// <summary>What a password is compared with when there is nobody to compare it with.</summary>
    internal string NobodysHash { get; }

    /// <summary>A new hash of <paramref name="password"/>, with its parameters and a salt of its own.</summary>
    /// <exception cref="OverloadedException">Too many hashes are waiting.</exception>
    public async Task<string> HashAsync(string password, CancellationToken ct)
    {
        using var place = TakePlace();
        return await OnACoreAsync(() => Hash(password), ct);
    }

    /// <summary>
    /// Whether <paramref name="password"/> is the one that <paramref name="hash"/> was made of. Without a hash (nobody
    /// by that name) it takes as long as with one, and says no.
    /// </summary>
    /// <exception cref="OverloadedException">Too many hashes are waiting.</exception>
    public Task<bool> VerifyAsync(string? hash, string password, CancellationToken ct)
        => VerifyAsync(() => Task.FromResult(hash), password, ct);

    /// <summary>The same with a hash that is looked up only once there is room: a refusal is to cost little.</summary>
    /// <exception cref="OverloadedException">Too many hashes are waiting.</exception>
    public async Task<bool> VerifyAsync(Func<Task<string?>> lookUp, string password, CancellationToken ct)
    {
        using var place = TakePlace();
        var hash = await lookUp();
        return await OnACoreAsync(() => Verify(hash, password), ct);
    }

    /// <summary>Whether <paramref name="hash"/> was made with other parameters than the settings now ask for.</summary>
    public bool IsOutdated(string hash)
        => Parameters(hash) != (_settings.MemoryKiB, _settings.Iterations, _settings.Parallelism);

    /// <inheritdoc/>
    public void Dispose() => _cores.Dispose();

    string Hash(string password)
        => Argon2.Hash(
            Nfc.Normalize(password),
            _settings.Iterations,
            _settings.MemoryKiB,
            _settings.Parallelism,
            Argon2Type.HybridAddressing,
            HashBytes);

    bool Verify(string? hash, string password)
    {
        if (hash is not null && !IsBearable(hash))
        {
            _logger.LogError("A stored password hash is damaged; its owner cannot log in until it is replaced");
            hash = null;
        }

        var matches = Argon2.Verify(hash ?? NobodysHash, Nfc.Normalize(password));
        return matches && hash is not null;
    }

    Place TakePlace()
    {
        if (Interlocked.Increment(ref _inside) <= (1 + WaitingPerCore) * Environment.ProcessorCount)
            return new Place(this);
        Interlocked.Decrement(ref _inside);
        throw new OverloadedException();
    }

    async Task<T> OnACoreAsync<T>(Func<T> work, CancellationToken ct)
    {
        await _cores.WaitAsync(ct);
        try
        {
            // A thread of its own: the pool begins with one a core, and all requests would wait for a whole hash.
            return await Task.Factory.StartNew(
                () =>
                {
                    BackgroundPriority.Take();
                    return work();
                },
                ct,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
        }
        finally
        {
            _cores.Release();
        }
    }

    // Random bytes instead of the hash of something: it costs nothing to make and as much to verify.
    static string MakeUp(PasswordSettings s)
        => FormattableString.Invariant($"$argon2id$v=19$m={s.MemoryKiB},t={s.Iterations},p={s.Parallelism}")
            + $"${RandomText(SaltBytes)}${RandomText(HashBytes)}";

    static string RandomText(int bytes) => Convert.ToBase64String(RandomNumberGenerator.GetBytes(bytes)).TrimEnd('=');

    static bool IsBearable(string hash)
        => Parameters(hash) is ( <= MaxMemoryKiB, <= MaxIterations, <= MaxParallelism);

    static (int MemoryKiB, int Iterations, int Parallelism)? Parameters(string hash)
        => hash.Length <= 200 && Encoded().Match(hash) is { Success: true } match
            ? (Number(match, 1), Number(match, 2), Number(match, 3))
            : null;

    static int Number(Match match, int group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    readonly struct Place(PasswordHasher hasher) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref hasher._inside);
    }

    [GeneratedRegex(@"^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$")]
    private static partial Regex Encoded();
}
