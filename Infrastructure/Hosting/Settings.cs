using System.ComponentModel.DataAnnotations;

namespace SliceApi.Infrastructure.Hosting;

/// <summary>
/// Every setting of the program, bound from <c>appsettings.json</c>, environment variables
/// (<c>Passwords__MemoryKiB</c>) and the command line (<c>--Passwords:MemoryKiB=65536</c>), later wins.
/// Checked once at start-up; a bad one stops the start with its name.
/// </summary>
public sealed class Settings
{
    /// <summary>
    /// Where the program keeps all that it writes: database, keys, lock. Relative to the working directory.
    /// </summary>
    [Required]
    public string DataFolder { get; init; } = "data";

    /// <summary>Which database engine holds the data.</summary>
    public DatabaseSettings Database { get; init; } = new();

    /// <summary>Access tokens.</summary>
    public JwtSettings Jwt { get; init; } = new();

    /// <summary>Sessions and their refresh tokens.</summary>
    public SessionSettings Sessions { get; init; } = new();

    /// <summary>The cost of a password hash (Argon2id, RFC 9106).</summary>
    public PasswordSettings Passwords { get; init; } = new();

    /// <summary>How much each client may ask.</summary>
    public RateLimitSettings RateLimits { get; init; } = new();

    /// <summary>How writes are gathered and made durable.</summary>
    public WriterSettings Writer { get; init; } = new();

    /// <summary>The first administrator.</summary>
    public AdminSettings Admin { get; init; } = new();

    /// <summary>Reverse proxies in front of the program.</summary>
    public ProxySettings Proxies { get; init; } = new();

    /// <summary>Pages of other sites that use the API from a browser.</summary>
    public CorsSettings Cors { get; init; } = new();

    /// <summary>How much the server takes at once.</summary>
    public LimitSettings Limits { get; init; } = new();

    /// <summary>Backups that the server makes by itself.</summary>
    public BackupSettings Backups { get; init; } = new();

    /// <summary>The API's description at <c>/docs</c> and <c>/openapi/v1.json</c>.</summary>
    public DocsSettings Docs { get; init; } = new();
}

/// <summary>Which database engine holds the data.</summary>
public sealed class DatabaseSettings
{
    /// <summary><c>sqlite</c>: one file in the data folder.</summary>
    [AllowedValues("sqlite", ErrorMessage = "must be 'sqlite'")]
    public string Provider { get; init; } = "sqlite";
}

/// <summary>Access tokens: JSON Web Tokens (RFC 7519) signed with HMAC-SHA256.</summary>
public sealed class JwtSettings
{
    /// <summary>The shortest signing key that is accepted, in bytes: as long as the hash (RFC 7518, 3.2).</summary>
    public const int MinSigningKeyBytes = 32;

    /// <summary>
    /// The key that signs tokens: at least 32 ASCII characters, not all alike. When empty, one is made once and kept
    /// in the data folder.
    /// </summary>
    [SigningKey]
    public string SigningKey { get; init; } = "";

    /// <summary>Who issues the tokens (<c>iss</c>); a token of another issuer is refused.</summary>
    [Required]
    public string Issuer { get; init; } = "sliceapi";

    /// <summary>Whom the tokens are for (<c>aud</c>); a token for somebody else is refused.</summary>
    [Required]
    public string Audience { get; init; } = "sliceapi";

    /// <summary>How long an access token is valid, in minutes.</summary>
    [Range(1, 1440)]
    public int AccessMinutes { get; init; } = 15;
}

/// <summary>Sessions and their refresh tokens.</summary>
public sealed class SessionSettings
{
    /// <summary>How long a session lives without being used, in days.</summary>
    [Range(1, 365)]
    public int RefreshDays { get; init; } = 7;

    /// <summary>How long a session lives at most, in days, however often it is used.</summary>
    [Range(1, 3650)]
    public int AbsoluteDays { get; init; } = 90;

    /// <summary>How long the previous refresh token still answers the same next one, in seconds; 0 is strict.</summary>
    [Range(0, 300)]
    public int RefreshGraceSeconds { get; init; } = 10;
}

/// <summary>The cost of a password hash (Argon2id, RFC 9106). Stronger values take effect at each next login.</summary>
public sealed class PasswordSettings
{
    /// <summary>Memory per hash, in KiB.</summary>
    [Range(8, 1024 * 1024)]
    public int MemoryKiB { get; init; } = 19456;

    /// <summary>Passes over the memory.</summary>
    [Range(1, 100)]
    public int Iterations { get; init; } = 2;

    /// <summary>Lanes.</summary>
    [Range(1, 16)]
    public int Parallelism { get; init; } = 1;
}

/// <summary>How much each client may ask.</summary>
public sealed class RateLimitSettings
{
    /// <summary>Whether anything of this is limited at all.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>How many requests a user, or an address where nobody is signed in, has in each window.</summary>
    [Range(1, 1_000_000)]
    public int Requests { get; init; } = 300;

    /// <summary>The length of that window, in seconds.</summary>
    [Range(1, 3600)]
    public int WindowSeconds { get; init; } = 10;

    /// <summary>How many requests to <c>/api/v1/auth</c> an address has in a minute.</summary>
    [Range(1, 1_000_000)]
    public int AuthRequests { get; init; } = 10;

    /// <summary>How many wrong passwords for one e-mail address an address may send in a minute.</summary>
    [Range(1, 1_000_000)]
    public int FailedLogins { get; init; } = 5;

    /// <summary>
    /// How many wrong passwords for one e-mail address all addresses together may send in an hour, before each address
    /// has its <see cref="FailedLogins"/> only once an hour.
    /// </summary>
    [Range(1, 1_000_000)]
    public int FailedLoginsPerEmail { get; init; } = 100;
}

/// <summary>How writes are gathered and made durable.</summary>
public sealed class WriterSettings
{
    /// <summary>How many writes share one commit at most.</summary>
    [Range(1, 10_000)]
    public int MaxBatch { get; init; } = 256;

    /// <summary>How many writes may wait; more are answered 503 <c>OVERLOADED</c>.</summary>
    [Range(1, 1_000_000)]
    public int QueueLimit { get; init; } = 4096;

    /// <summary>
    /// SQLite's <c>synchronous</c>: <c>FULL</c> keeps every acknowledged write through a power cut,
    /// <c>NORMAL</c> may lose the last ones.
    /// </summary>
    [AllowedValues("FULL", "NORMAL", ErrorMessage = "must be 'FULL' or 'NORMAL'")]
    public string Synchronous { get; init; } = "FULL";
}

/// <summary>The first administrator, made at start-up when there is none and both members are set.</summary>
public sealed class AdminSettings
{
    /// <summary>The administrator's e-mail address.</summary>
    public string Email { get; init; } = "";

    /// <summary>The administrator's password; it may be removed from the settings after the first start.</summary>
    public string Password { get; init; } = "";
}

/// <summary>Reverse proxies in front of the program.</summary>
public sealed class ProxySettings
{
    /// <summary>Addresses or networks (<c>10.0.0.0/8</c>) whose <c>X-Forwarded-*</c> headers count.</summary>
    [AddressesOrNetworks]
    public IReadOnlyList<string> Known { get; init; } = [];
}

/// <summary>Pages of other sites that use the API from a browser.</summary>
public sealed class CorsSettings
{
    /// <summary>Their origins (<c>https://app.example.com</c>), just as browsers send them; none by default.</summary>
    [Origins]
    public IReadOnlyList<string> Origins { get; init; } = [];
}

/// <summary>How much the server takes at once.</summary>
public sealed class LimitSettings
{
    /// <summary>Connections; those beyond are closed at once. Fewer where the process may open fewer files.</summary>
    [Range(1, 1_000_000)]
    public int Connections { get; init; } = 5000;
}

/// <summary>Backups that the server makes by itself, into the data folder's <c>backups</c>.</summary>
public sealed class BackupSettings
{
    /// <summary>How many hours lie between two; 0 makes none.</summary>
    [Range(0, 8760)]
    public int EveryHours { get; init; }

    /// <summary>How many are kept; older ones are deleted.</summary>
    [Range(1, 10_000)]
    public int Keep { get; init; } = 7;
}

/// <summary>The API's description at <c>/docs</c> and <c>/openapi/v1.json</c>.</summary>
public sealed class DocsSettings
{
    /// <summary>Whether it is served.</summary>
    public bool Enabled { get; init; } = true;
}

/// <summary>Empty, or at least 32 ASCII characters, not all alike. The value never stands in the message.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SigningKeyAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
        => value is not string { Length: > 0 } key ? ValidationResult.Success
            : !System.Text.Ascii.IsValid(key) ? new ValidationResult("must hold ASCII characters only")
            : key.Length < JwtSettings.MinSigningKeyBytes
                ? new ValidationResult(
                    $"must be at least {JwtSettings.MinSigningKeyBytes} bytes long, or empty to have one made")
            : key.Distinct().Count() < 8
                ? new ValidationResult("is too easy to guess: it repeats fewer than 8 different characters")
            : ValidationResult.Success;
}

/// <summary>IP addresses and networks in CIDR notation.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AddressesOrNetworksAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
        => ((IEnumerable<string>?)value ?? []).FirstOrDefault(text
            => !System.Net.IPAddress.TryParse(text, out _) && !System.Net.IPNetwork.TryParse(text, out _)) is { } bad
            ? new ValidationResult($"holds '{bad}', which is no address and no network")
            : ValidationResult.Success;
}

/// <summary>Origins: scheme, host and port, in small letters, without a path.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OriginsAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
        => ((IEnumerable<string>?)value ?? []).FirstOrDefault(text => !IsOrigin(text)) is { } bad
            ? new ValidationResult($"holds '{bad}', which is no origin such as 'https://app.example.com'")
            : ValidationResult.Success;

    static bool IsOrigin(string text)
        => Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && uri.Scheme is "https" or "http"
            && uri.GetLeftPart(UriPartial.Authority) == text;
}
