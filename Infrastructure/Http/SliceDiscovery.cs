namespace SliceApi.Infrastructure.Http;

/// <summary>Finds slices by their shape, so that adding one edits no other file.</summary>
static class SliceDiscovery
{
    /// <summary>Where the slices are.</summary>
    public const string FeaturesNamespace = "SliceApi.Features.";

    /// <summary>Registers every class <c>Data</c> of a slice, one instance for each request.</summary>
    public static void AddSlices(this IServiceCollection services)
    {
        foreach (var type in typeof(SliceDiscovery).Assembly.GetTypes())
        {
            if (type is { Name: "Data", IsClass: true, IsAbstract: false, Namespace: { } space }
                && space.StartsWith(FeaturesNamespace, StringComparison.Ordinal))
            {
                services.AddScoped(type);
            }
        }
    }
}
