namespace ZiggyCreatures.Caching.Fusion;

/// <summary>
/// A factory took longer than its caller was to wait. It has not been stopped: its value is stored when it comes.
/// </summary>
public class SyntheticTimeoutException(string? message) : TimeoutException(message);

/// <summary>A factory said that it failed, by <see cref="FusionCacheFactoryExecutionContext{TValue}.Fail"/>.</summary>
public class FusionCacheFactoryException(string? message) : Exception(message);
