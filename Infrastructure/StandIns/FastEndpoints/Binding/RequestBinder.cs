using System.Collections;
using System.IO.Pipelines;
using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FluentValidation.Results;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace FastEndpoints;

/// <summary>Makes the request of one endpoint. Later sources win: body, route, query, claims, headers.</summary>
sealed class RequestBinder<TRequest>
    where TRequest : notnull
{
    readonly EndpointHost _host;
    readonly Lazy<Func<TRequest>> _create = new(Creator);
    readonly Member[] _members;
    readonly JsonTypeInfo? _body;
    readonly Lazy<Action<TRequest, object?>>? _setBody;

    internal RequestBinder(EndpointDefinition definition)
    {
        _host = definition.Host;
        // The members of a list are its items, which come from the body.
        var properties = typeof(TRequest).IsAssignableTo(typeof(IEnumerable)) ? [] : typeof(TRequest).GetProperties();
        properties = Array.FindAll(properties, p => p.SetMethod?.IsPublic == true);
        var inRoute = definition.Patterns.SelectMany(pattern => pattern.Parameters).Select(p => p.Name)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        _members = [.. properties.SelectMany(p => Members(p, inRoute.Contains(p.Name))).OrderBy(m => m.From)];
        var plain = Array.FindAll(properties, p => !p.IsDefined(typeof(NonJsonBindingAttribute)));
        if (typeof(TRequest) == typeof(EmptyRequest) || (plain.Length == 0 && properties.Length > 0)) return;
        NeedsBody = plain.Length == 0 || Array.Exists(plain, p => !inRoute.Contains(p.Name));
        var whole = Array.Find(plain, p => p.IsDefined(typeof(FromBodyAttribute)));
        _body = _host.RequestOptions.GetTypeInfo(whole?.PropertyType ?? typeof(TRequest));
        if (whole is not null) _setBody = new(() => Setter(whole));
    }

    enum Kind { Route, Query, Claim, Header }

    /// <summary>Whether there are members that come from nowhere but the body.</summary>
    internal bool NeedsBody { get; }

    /// <summary>Binds the request and notes what cannot be bound; null when the body cannot be read.</summary>
    internal async ValueTask<TRequest?> BindAsync(BaseEndpoint endpoint, CancellationToken ct)
    {
        var http = endpoint.HttpContext.Request;
        object? body = null;
        try
        {
            if (_body is not null && http.HasJsonContentType()
                && (http.ContentLength > 0 || !await IsEmptyAsync(http.BodyReader, ct)))
                body = await JsonSerializer.DeserializeAsync(http.BodyReader, _body, ct);
        }
        catch (JsonException e)
        {
            // Under the name that it has now: a member that does not exist is called what the client called it.
            endpoint.ValidationFailures.Add(_host.Config.Binding.JsonExceptionTransformer?.Invoke(e)
                ?? new ValidationFailure("serializerErrors", e.InnerException?.Message ?? e.Message));
            return default;
        }

        var request = body is not null && _setBody is null ? (TRequest)body : _create.Value();
        if (body is not null) _setBody?.Value(request, body);
        foreach (var member in _members)
        {
            StringValues values = member.From switch
            {
                Kind.Route => http.RouteValues[member.Key]?.ToString(),
                Kind.Query => http.QueryString.HasValue ? http.Query[member.Key] : default,
                Kind.Claim => endpoint.HttpContext.User.FindAll(member.Key).Select(claim => claim.Value).ToArray(),
                _ => http.Headers[member.Key],
            };
            if (member.Bind(request, values) is { } problem)
                endpoint.ValidationFailures.Add(new(member.Name, problem));
        }

        return request;
    }

    static async ValueTask<bool> IsEmptyAsync(PipeReader reader, CancellationToken ct)
    {
        var read = await reader.ReadAsync(ct);
        reader.AdvanceTo(read.Buffer.Start);
        return read.Buffer.IsEmpty && read.IsCompleted;
    }

    /// <summary>Calls the shortest constructor, with the defaults of its parameters.</summary>
    static Func<TRequest> Creator()
    {
        var constructor = typeof(TRequest).GetConstructors().MinBy(c => c.GetParameters().Length)!;
        var arguments = constructor.GetParameters().Select(p => p is { HasDefaultValue: true, DefaultValue: { } value }
            ? Expression.Convert(Expression.Constant(value), p.ParameterType)
            : (Expression)Expression.Default(p.ParameterType));
        return Expression.Lambda<Func<TRequest>>(Expression.New(constructor, arguments)).Compile();
    }

    static Action<TRequest, object?> Setter(PropertyInfo property)
    {
        var request = Expression.Parameter(typeof(TRequest));
        var value = Expression.Parameter(typeof(object));
        var typed = Expression.Convert(value, property.PropertyType);
        var set = Expression.Assign(Expression.Property(request, property), typed);
        return Expression.Lambda<Action<TRequest, object?>>(set, request, value).Compile();
    }

    IEnumerable<Member> Members(PropertyInfo property, bool isInRoute)
    {
        var (name, type) = (property.Name, property.PropertyType);
        var parse = ValueParser.Of(type);
        var own = property.GetCustomAttributes().FirstOrDefault(a => a is NonJsonBindingAttribute or FromBodyAttribute);
        if (own is NonJsonBindingAttribute && parse is null)
            throw new NotSupportedException($"{typeof(TRequest)}: '{name}' cannot be made from text.");
        return own switch
        {
            RouteParamAttribute => [New(Kind.Route, name)],
            QueryParamAttribute => [New(Kind.Query, name)],
            FromClaimAttribute from => [New(Kind.Claim, from.ClaimType ?? name, from.IsRequired)],
            FromHeaderAttribute from => [New(Kind.Header, from.HeaderName ?? name, from.IsRequired)],
            FromBodyAttribute => [],
            _ when parse is null => [],
            _ => isInRoute ? [New(Kind.Route, name), New(Kind.Query, name)] : [New(Kind.Query, name)],
        };

        Member New(Kind from, string key, bool isRequired = false)
            => new(from, key, _host.NameOf(name), type, isRequired, parse!, new(() => Setter(property)));
    }

    /// <summary>A member that is bound from text.</summary>
    sealed record Member(Kind From, string Key, string Name, Type Type, bool IsRequired, Parse Parse,
        Lazy<Action<TRequest, object?>> Set)
    {
        /// <summary>Sets the member, or says why it cannot.</summary>
        internal string? Bind(TRequest request, StringValues values)
        {
            if (values.Count == 0) return IsRequired ? $"{Key} is required!" : null;
            if (!Parse(values, out var value)) return ValueParser.Refusal(values, Type);
            Set.Value(request, value);
            return null;
        }
    }
}
