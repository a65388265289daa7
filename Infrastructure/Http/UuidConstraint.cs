namespace SliceApi.Infrastructure.Http;

/// <summary>
/// <c>{id:uuid}</c> in a route: ids are written in one form only, 36 characters with dashes (RFC 9562, 4). Whatever
/// else stands there names nothing: 404.
/// </summary>
sealed class UuidConstraint : IRouteConstraint
{
    public bool Match(
        HttpContext? httpContext,
        IRouter? route,
        string routeKey,
        RouteValueDictionary values,
        RouteDirection routeDirection)
        => Guid.TryParseExact(values[routeKey]?.ToString(), "D", out _);
}
