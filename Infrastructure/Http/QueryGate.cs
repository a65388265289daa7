using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using FastEndpoints;
using FluentValidation.Results;

namespace SliceApi.Infrastructure.Http;

/// <summary>
/// Refuses query parameters that a route does not know: they are typing errors, or attempts to overwrite what the body
/// says, for the binder lets a parameter win over a body's member of the same name. Routes that read a body know none;
/// the others know the members of their <c>Request</c> that are not in the route.
/// </summary>
sealed class QueryGate(RequestDelegate next)
{
    const int MaxNamed = 20;
    const int MaxNameLength = 100;

    readonly ConcurrentDictionary<EndpointDefinition, FrozenSet<string>> _known = new();

    public Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.QueryString.HasValue
            || context.GetEndpoint()?.Metadata.GetMetadata<EndpointDefinition>() is not { } endpoint)
        {
            return next(context);
        }

        var known = _known.GetOrAdd(endpoint, KnownTo);
        var failures = context.Request.Query.Keys
            .Where(name => !known.Contains(name))
            .Take(MaxNamed)
            .Select(name => new ValidationFailure(
                name.Length <= MaxNameLength ? name : name[..MaxNameLength], "This route has no such query parameter."))
            .ToList();
        if (failures.Count == 0)
            return next(context);
        const int status = StatusCodes.Status400BadRequest;
        return context.Response.SendAsync(
            ErrorResponses.ForValidation(failures, context, status), status, cancellation: context.RequestAborted);
    }

    static FrozenSet<string> KnownTo(EndpointDefinition endpoint)
        => endpoint.Verbs.Any(verb => verb is "POST" or "PUT" or "PATCH")
            ? []
            : endpoint.ReqDtoType.GetProperties()
                .Where(member => member.GetCustomAttribute<RouteParamAttribute>() is null)
                .Select(member => member.Name)
                .ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
