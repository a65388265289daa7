namespace SliceApi.Infrastructure.Http;

/// <summary>What code far from the request may know of it: its id, for events and audit entries.</summary>
public static class RequestContext
{
    static readonly AsyncLocal<string?> Current = new();

    /// <summary>The id of the request that this code runs for; null when it runs for none.</summary>
    public static string? RequestId
    {
        get => Current.Value;
        internal set => Current.Value = value;
    }
}
