using FastEndpoints.Security;
using SliceApi.Infrastructure.Hosting;

namespace SliceApi.Infrastructure.Security;

/// <summary>Registers who may do what.</summary>
public static class SecuritySetup
{
    /// <summary>Signing keys, tokens, sessions and passwords. Whatever is not opened needs a signed-in user.</summary>
    /// <exception cref="StartupException">The signing key cannot be used.</exception>
    public static IServiceCollection AddSecurity(this IServiceCollection services, Settings settings, DataFolder folder)
    {
        var keys = SigningKeys.Load(settings, folder);
        services.AddSingleton(keys);
        services.AddAuthenticationJwtBearer(s => s.SigningKey = keys.AccessTokens);
        WithoutDataProtection(services);
        services.AddAuthorization();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<Tokens>();
        services.AddSingleton<SessionLookup>();
        services.AddSingleton<SessionEnder>();
        services.AddSingleton<PasswordHasher>();
        services.AddSingleton<LoginThrottle>();
        services.AddSingleton<Administrators>();
        services.AddSingleton<SecurityLog>();
        return services;
    }

    // AddAuthentication brings it along for cookies, which there are none of. Its start would write keys into the home
    // folder of whoever runs the program.
    static void WithoutDataProtection(IServiceCollection services)
    {
        var hosted = services.Where(s => s.ImplementationType?.Name == "DataProtectionHostedService").ToList();
        foreach (var service in hosted)
            services.Remove(service);
    }
}
