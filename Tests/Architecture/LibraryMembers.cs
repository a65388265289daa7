using System.Reflection;

namespace Tests.Architecture;

/// <summary>
/// The members of FastEndpoints, FusionCache and Argon2 that the application may name: those that the stand-ins have
/// and that behave alike in both. A new one is added here together with its stand-in and its shape test.
/// </summary>
static class LibraryMembers
{
    public static readonly string[] Libraries =
        ["FastEndpoints", "ZiggyCreatures.Caching.Fusion", "Isopoh.Cryptography.Argon2"];

    /// <summary><c>Type.Member</c>; extension methods by their name alone, whatever class holds them.</summary>
    public static readonly HashSet<string> Allowed = [.. """
        Endpoint.new Endpoint.HttpContext BaseEndpoint.HttpContext Endpoint.User Endpoint.Logger
        Endpoint.ValidationFailures Endpoint.Definition
        Endpoint.Send Endpoint.Resolve Endpoint.Route Endpoint.Query Endpoint.AddError Endpoint.ThrowError
        Endpoint.ThrowIfAnyErrors Endpoint.PublishAsync Endpoint.Get Endpoint.Post Endpoint.Put Endpoint.Patch
        Endpoint.Delete Endpoint.Verbs Endpoint.Routes Endpoint.AllowAnonymous Endpoint.Roles Endpoint.Policies
        Endpoint.Claims Endpoint.Group Endpoint.Tags Endpoint.Summary Endpoint.Description Endpoint.Options
        Endpoint.PreProcessor Endpoint.PostProcessor Endpoint.DontThrowIfValidationFails Endpoint.Version
        EndpointWithoutRequest.new Validator.new Group.new Group.Configure
        EndpointDefinition.ReqDtoType EndpointDefinition.ResDtoType EndpointDefinition.Verbs
        EndpointDefinition.Description EndpointDefinition.EndpointType EndpointDefinition.Routes
        EndpointDefinition.AllowAnonymous EndpointDefinition.Roles
        EndpointDefinition.Tags EndpointDefinition.Summary EndpointDefinition.Options
        IResponseSender.HttpContext IResponseSender.ValidationFailures SendAsync MarkResponseStart ResponseStarted
        AddFastEndpoints UseFastEndpoints EndpointDiscoveryOptions.Assemblies
        EndpointDiscoveryOptions.Filter EndpointDiscoveryOptions.DisableAutoDiscovery
        Config.Endpoints Config.Versioning Config.Errors Config.Serializer Config.Binding Config.Security
        EndpointOptions.RoutePrefix EndpointOptions.Configurator EndpointOptions.NameGenerator
        EndpointOptions.ShortNames EndpointNameGenerationContext.EndpointType
        VersioningOptions.Prefix VersioningOptions.DefaultVersion VersioningOptions.PrependToRoute
        ErrorOptions.ResponseBuilder ErrorOptions.StatusCode ErrorOptions.ContentType SerializerOptions.Options
        BindingOptions.JsonExceptionTransformer SecurityOptions.RoleClaimType
        RouteParamAttribute.new QueryParamAttribute.new FromBodyAttribute.new FromHeaderAttribute.new
        FromClaimAttribute.new IEventHandler.HandleAsync PublishAsync
        AddAuthenticationJwtBearer JwtSigningOptions.SigningKey JwtBearer.CreateToken JwtCreationOptions.SigningKey
        JwtCreationOptions.ExpireAt JwtCreationOptions.Issuer JwtCreationOptions.Audience JwtCreationOptions.User
        UserPrivileges.Roles UserPrivileges.Claims Add
        SwaggerDocument UseSwaggerGen DocumentOptions.ShortSchemaNames DocumentOptions.EnableJWTBearerAuth
        DocumentOptions.AutoTagPathSegmentIndex DocumentOptions.RemoveEmptyRequestSchema DocumentOptions.TagDescriptions
        DocumentOptions.DocumentSettings ServedAt.Path ServedAt.DocumentPath DocumentSettings.DocumentName
        DocumentSettings.Title DocumentSettings.Version DocumentSettings.Description
        AddFusionCache WithOptions WithDefaultEntryOptions WithRegisteredLogger WithMemoryCache
        IFusionCache.GetOrSetAsync IFusionCache.TryGetAsync IFusionCache.GetOrDefaultAsync IFusionCache.SetAsync
        IFusionCache.RemoveAsync IFusionCache.ExpireAsync IFusionCache.RemoveByTagAsync IFusionCache.ClearAsync
        GetOrSetAsync GetOrDefaultAsync SetAsync RemoveByTagAsync
        FusionCacheEntryOptions.new FusionCacheEntryOptions.Duration FusionCacheEntryOptions.JitterMaxDuration
        FusionCacheEntryOptions.IsFailSafeEnabled FusionCacheEntryOptions.FailSafeMaxDuration
        FusionCacheEntryOptions.FailSafeThrottleDuration FusionCacheEntryOptions.FactorySoftTimeout
        FusionCacheEntryOptions.FactoryHardTimeout FusionCacheEntryOptions.EagerRefreshThreshold
        FusionCacheEntryOptions.Size
        FusionCacheFactoryExecutionContext.Options FusionCacheFactoryExecutionContext.Tags
        FusionCacheFactoryExecutionContext.StaleValue FusionCacheFactoryExecutionContext.Modified
        FusionCacheFactoryExecutionContext.NotModified FusionCacheFactoryExecutionContext.Fail
        Argon2.Hash Argon2.Verify
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>The name of a member as it stands in <see cref="Allowed"/>; null for a type.</summary>
    public static string? NameOf(MemberInfo member)
    {
        if (member is Type)
            return null;
        var name = member is ConstructorInfo ? "new" : Plain(member.Name);
        if (member is MethodBase { IsSpecialName: true } && (name.StartsWith("get_", StringComparison.Ordinal)
            || name.StartsWith("set_", StringComparison.Ordinal)))
        {
            name = name[4..];
        }

        return member.IsDefined(typeof(System.Runtime.CompilerServices.ExtensionAttribute), inherit: false)
            ? name
            : $"{Plain(member.DeclaringType!.Name)}.{name}";
    }

    static string Plain(string name) => name.Split('`')[0];
}
