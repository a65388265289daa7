using SliceApi.Infrastructure.Hosting;
namespace SliceApi.Infrastructure.Http;
/// <summary>x</summary>
public static class Docs
{
    /// <summary>x</summary>
    public static IServiceCollection AddDocs(this IServiceCollection services, Settings settings) => services;
    /// <summary>x</summary>
    public static void UseDocs(this WebApplication app, Settings settings) { }
}
