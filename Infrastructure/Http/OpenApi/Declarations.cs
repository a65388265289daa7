namespace SliceApi.Infrastructure.Http.OpenApi;

/// <summary>What an endpoint says of its answers in <c>Configure()</c>; the API's document shows it.</summary>
/// <remarks>Everything else (tokens, bodies, routes, rate limits) the document finds out by itself.</remarks>
public static class Declarations
{
    /// <summary>It answers 201 and says where what it made is found.</summary>
    public static RouteHandlerBuilder Creates(this RouteHandlerBuilder route) => route.WithMetadata(Declared.Creates);

    /// <summary>It answers with an <c>ETag</c>, or with 304 to an <c>If-None-Match</c> that names it.</summary>
    public static RouteHandlerBuilder Versioned(this RouteHandlerBuilder route)
        => route.WithMetadata(Declared.Versioned);

    /// <summary>It wants an <c>If-Match</c>.</summary>
    public static RouteHandlerBuilder RequiresIfMatch(this RouteHandlerBuilder route)
        => route.WithMetadata(Declared.RequiresIfMatch);

    /// <summary>It takes an <c>Idempotency-Key</c>.</summary>
    public static RouteHandlerBuilder TakesKey(this RouteHandlerBuilder route) => route.WithMetadata(Declared.TakesKey);

    /// <summary>It takes nothing without an <c>Idempotency-Key</c>.</summary>
    public static RouteHandlerBuilder RequiresKey(this RouteHandlerBuilder route)
        => route.TakesKey().WithMetadata(Declared.RequiresKey);

    /// <summary>It refuses requests for reasons of its own.</summary>
    /// <param name="route">The endpoint's route.</param>
    /// <param name="codes">Of <see cref="ErrorCodes"/>.</param>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder route, params string[] codes)
        => route.WithMetadata(new Refusals(codes));
}

enum Declared
{
    Creates,
    Versioned,
    RequiresIfMatch,
    TakesKey,
    RequiresKey,
}

sealed record Refusals(IReadOnlyList<string> Codes);

/// <summary>What a folder below <c>Features</c> is about; the API's document shows it above its routes.</summary>
/// <param name="name">The folder's name.</param>
/// <param name="description">One sentence.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class FeatureAttribute(string name, string description) : Attribute
{
    /// <summary>The folder's name.</summary>
    public string Name => name;

    /// <summary>One sentence.</summary>
    public string Description => description;
}
