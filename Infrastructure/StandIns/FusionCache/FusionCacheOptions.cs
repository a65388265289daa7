using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ZiggyCreatures.Caching.Fusion;

/// <summary>How a cache as a whole behaves.</summary>
public class FusionCacheOptions : IOptions<FusionCacheOptions>
{
    /// <summary>The cache's name, which its measurements carry. Default: <c>FusionCache</c>.</summary>
    public string CacheName { get; set; } = "FusionCache";

    /// <summary>The options of calls that name none, and those that other calls' changes start from.</summary>
    public FusionCacheEntryOptions DefaultEntryOptions { get; set; } = new();

    /// <summary>The level at which a factory that took too long is logged. Default: warning.</summary>
    public LogLevel FactorySyntheticTimeoutsLogLevel { get; set; } = LogLevel.Warning;

    /// <summary>The level at which a factory that failed is logged. Default: warning.</summary>
    public LogLevel FactoryErrorsLogLevel { get; set; } = LogLevel.Warning;

    /// <summary>The level at which serving an expired value is logged. Default: warning.</summary>
    public LogLevel FailSafeActivationLogLevel { get; set; } = LogLevel.Warning;

    FusionCacheOptions IOptions<FusionCacheOptions>.Value => this;
}
