namespace ZiggyCreatures.Caching.Fusion;

/// <summary>
/// A factory took longer than its caller was ready to wait. The factory itself has not been stopped: it goes on in
/// the background and its value is stored when it comes.
/// </summary>
/// <param name="message">What took too long.</param>
public class SyntheticTimeoutException(string? message) : TimeoutException(message);

/// <summary>A factory said that it failed, by <see cref="FusionCacheFactoryExecutionContext{TValue}.Fail"/>.</summary>
/// <param name="message">What the factory said.</param>
public class FusionCacheFactoryException(string? message) : Exception(message);
