using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using FastEndpoints;
using FluentValidation.Results;
using Microsoft.Extensions.Primitives;

namespace SliceApi.Infrastructure.Http;

/// <summary>
/// Refuses query parameters that a route does not know: they are typing errors, or attempts to overwrite what the body
/// says, for the binder lets a parameter win over a body's member of the same name. Routes that read a body know none;
/// the others know the members of their <c>Request</c> that are not in the route, each once, numbers in plain digits.
/// </summary>
sealed class QueryGate(RequestDelegate next)
{
    const int MaxNamed = 20;
    const int MaxNameLength = 100;

    readonly ConcurrentDictionary<EndpointDefinition, FrozenDictionary<string, Type>> _known = new();

    public Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.QueryString.HasValue
            || context.GetEndpoint()?.Metadata.GetMetadata<EndpointDefinition>() is not { } endpoint)
        {
            return next(context);
        }

        var known = _known.GetOrAdd(endpoint, KnownTo);
        var failures = context.Request.Query
            .Select(parameter => (Name: parameter.Key, Problem: Problem(known, parameter.Key, parameter.Value)))
            .Where(parameter => parameter.Problem is not null)
            .Take(MaxNamed)
            .Select(parameter => new ValidationFailure(
                parameter.Name.Length <= MaxNameLength ? parameter.Name : parameter.Name[..MaxNameLength],
                parameter.Problem))
            .ToList();
        if (failures.Count == 0)
            return next(context);
        const int status = StatusCodes.Status400BadRequest;
        return context.Response.SendAsync(
            ErrorResponses.ForValidation(failures, context, status), status, cancellation: context.RequestAborted);
    }

    // The binder takes " 1" and "+1" for 1, and the last of several values for the one.
    static string? Problem(FrozenDictionary<string, Type> known, string name, StringValues values)
        => !known.TryGetValue(name, out var type) ? "This route has no such query parameter."
            : values.Count != 1 ? "This parameter is given more than once."
            : (type == typeof(int) || type == typeof(long)) && !IsInteger(values[0]!) ? "This is not a whole number."
            : null;

    static bool IsInteger(ReadOnlySpan<char> text)
    {
        var digits = text is ['-', ..] ? text[1..] : text;
        return digits.Length is > 0 and <= 19 && !digits.ContainsAnyExceptInRange('0', '9');
    }

    static FrozenDictionary<string, Type> KnownTo(EndpointDefinition endpoint)
        => endpoint.Verbs.Any(verb => verb is "POST" or "PUT" or "PATCH")
            ? FrozenDictionary<string, Type>.Empty
            : endpoint.ReqDtoType.GetProperties()
                .Where(member => member.GetCustomAttribute<RouteParamAttribute>() is null)
                .ToFrozenDictionary(
                    member => member.Name,
                    member => Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType,
                    StringComparer.OrdinalIgnoreCase);
}
