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

    /// <summary>A product.</summary>
    public static string Product(Guid id) => $"product:{id}";

    /// <summary>Some rows of the list of products.</summary>
    /// <param name="limit">How many rows at most.</param>
    /// <param name="place">The id after which they begin.</param>
    /// <param name="words">What is searched for; null for nothing.</param>
    public static string Products(int limit, Guid place, string? words)
        => words is null ? $"products:{limit}:{place}" : $"products:{limit}:{place}:{words}";

    /// <summary>Everything that is known of one session.</summary>
    public static string SessionTag(Guid id) => $"session:{id}";

    /// <summary>Everything that is known of one user, the user's sessions included.</summary>
    public static string UserTag(Guid id) => $"user:{id}";

    /// <summary>Everything that is known of one product, but for the lists that it is in.</summary>
    public static string ProductTag(Guid id) => $"product:{id}";

    /// <summary>Every list of products.</summary>
    public const string ProductListsTag = "products";
}
