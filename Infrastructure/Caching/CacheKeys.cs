namespace SliceApi.Infrastructure.Caching;

/// <summary>
/// Names of what the cache holds and of the tags by which it is dropped; here because the slice that reads something is
/// seldom the one that changes it.
/// </summary>
public static class CacheKeys
{
    /// <summary>A living session.</summary>
    public static string Session(Guid id) => $"session:{id}";

    /// <summary>A user as administrators see it.</summary>
    public static string User(Guid id) => $"user:{id}";

    /// <summary>A user as the user sees it.</summary>
    public static string Me(Guid userId) => $"me:{userId}";

    /// <summary>Everything that is known of one session.</summary>
    public static string SessionTag(Guid id) => $"session:{id}";

    /// <summary>Everything that is known of one user, the user's sessions included.</summary>
    public static string UserTag(Guid id) => $"user:{id}";
}
