using System.Collections;
using System.IO.Pipelines;
using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using FluentValidation.Results;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace FastEndpoints;

/// <summary>Makes the request of one endpoint. Later sources win: body, route, query, claims, headers.</summary>
sealed class RequestBinder<TRequest>
    where TRequest : notnull
{
    readonly EndpointHost _host;
    readonly Func<TRequest> _create = Creator();
    readonly Member[] _members;
    readonly Func<PipeReader, CancellationToken, ValueTask<TRequest?>>? _body;

    internal RequestBinder(EndpointDefinition definition)
    {
        _host = definition.Host;
        // The members of a list are its items, which come from the body.
        var properties = typeof(TRequest).IsAssignableTo(typeof(IEnumerable)) ? [] : typeof(TRequest).GetProperties();
        properties = Array.FindAll(properties, p => p.SetMethod?.IsPublic == true && p.GetIndexParameters() is []);
        var inRoute = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var parameter in definition.Patterns.SelectMany(p => p.Parameters)) inRoute.Add(parameter.Name);
        _members = [.. properties.SelectMany(p => Members(p, inRoute)).OrderBy(m => m.From)];
        if (Array.Find(_members, m => !m.CanParse) is { } opaque)
            throw new NotSupportedException($"{typeof(TRequest)}: '{opaque.Name}' cannot be made from text.");
        if (typeof(TRequest) == typeof(EmptyRequest)) return;
        var plain = Array.FindAll(properties, p => !p.IsDefined(typeof(NonJsonBindingAttribute)));
        NeedsBody = properties.Length == 0 || Array.Exists(plain, p => !inRoute.Contains(Key(p)));
        if (properties.Length == 0 || plain.Length > 0) _body = Body(plain);
    }

    enum Kind { Route, Query, Claim, Header }

    /// <summary>Whether there are members that come from nowhere but the body.</summary>
    internal bool NeedsBody { get; }

    /// <summary>
    /// Binds the request and notes everything that cannot be bound. Null when the body cannot be read; the status is
    /// 415 when it is JSON in another encoding than UTF-8.
    /// </summary>
    internal async ValueTask<TRequest?> BindAsync(BaseEndpoint endpoint, CancellationToken ct)
    {
        var http = endpoint.HttpContext.Request;
        TRequest? request = default;
        if (_body is not null && HasJson(http))
        {
            if (!IsUtf8(http.ContentType!))
            {
                endpoint.HttpContext.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
                return default;
            }

            try
            {
                if (http.ContentLength > 0 || !await IsEmptyAsync(http.BodyReader, ct))
                    request = await _body(http.BodyReader, ct);
            }
            catch (JsonException e)
            {
                var failure = _host.Config.Binding.JsonExceptionTransformer?.Invoke(e)
                    ?? new ValidationFailure("serializerErrors", e.InnerException?.Message ?? e.Message);
                failure.PropertyName = _host.NameOf(failure.PropertyName);
                endpoint.ValidationFailures.Add(failure);
                return default;
            }
        }

        request ??= _create();
        foreach (var member in _members)
        {
            StringValues values = member.From switch
            {
                Kind.Route => http.RouteValues[member.Key]?.ToString(),
                Kind.Query => http.QueryString.HasValue ? http.Query[member.Key] : default,
                Kind.Claim => Claims(endpoint.HttpContext, member.Key),
                _ => http.Headers[member.Key],
            };
            if (values.Count > 0 ? member.TrySet(request, values) : !member.IsRequired) continue;
            var message = values.Count > 0 ? ValueParser.Refusal(values, member.Type) : $"{member.Key} is required!";
            endpoint.ValidationFailures.Add(new(member.Name, message));
        }

        return request;
    }

    static StringValues Claims(HttpContext context, string type)
    {
        var values = StringValues.Empty;
        foreach (var claim in context.User.FindAll(type)) values = StringValues.Concat(values, claim.Value);
        return values;
    }

    static bool HasJson(HttpRequest http)
        => http.ContentLength != 0 && http.HasJsonContentType() && (http.ContentLength > 0
            || http.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != false);

    static bool IsUtf8(string contentType)
        => contentType.Length == "application/json".Length || (MediaTypeHeaderValue.TryParse(contentType, out var type)
            && (!type.Charset.HasValue
                || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)));

    static async ValueTask<bool> IsEmptyAsync(PipeReader reader, CancellationToken ct)
    {
        var read = await reader.ReadAsync(ct);
        reader.AdvanceTo(read.Buffer.Start);
        return read.Buffer.IsEmpty && read.IsCompleted;
    }

    /// <summary>Calls the constructor that JSON would, with the defaults of its parameters.</summary>
    static Func<TRequest> Creator()
    {
        var constructors = typeof(TRequest).GetConstructors().OrderBy(c => c.GetParameters().Length).ToArray();
        if (typeof(TRequest).IsValueType || constructors.Length == 0)
            throw new NotSupportedException($"{typeof(TRequest)} has to be a class with a public constructor.");
        var chosen = Array.Find(constructors, c => c.IsDefined(typeof(JsonConstructorAttribute))) ?? constructors[0];
        var create = Expression.New(chosen, chosen.GetParameters().Select(Default));
        return Expression.Lambda<Func<TRequest>>(create).Compile();
    }

    static Expression Default(ParameterInfo parameter)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        if (!parameter.HasDefaultValue || parameter.DefaultValue is not { } value)
            return Expression.Default(parameter.ParameterType);
        if (type.IsEnum) value = Enum.ToObject(type, value);
        return Expression.Convert(Expression.Constant(value), parameter.ParameterType);
    }

    Func<PipeReader, CancellationToken, ValueTask<TRequest?>> Body(PropertyInfo[] properties)
    {
        if (Array.Find(properties, p => p.IsDefined(typeof(FromBodyAttribute))) is { } whole)
        {
            var bodyOf = GetType().GetMethod(nameof(BodyOf), BindingFlags.Instance | BindingFlags.NonPublic)!;
            return (Func<PipeReader, CancellationToken, ValueTask<TRequest?>>)bodyOf
                .MakeGenericMethod(whole.PropertyType).Invoke(this, [whole.SetMethod])!;
        }

        var type = (JsonTypeInfo<TRequest>)_host.RequestOptions.GetTypeInfo(typeof(TRequest));
        return (reader, ct) => JsonSerializer.DeserializeAsync(reader, type, ct);
    }

    Func<PipeReader, CancellationToken, ValueTask<TRequest?>> BodyOf<TBody>(MethodInfo setter)
    {
        var set = setter.CreateDelegate<Action<TRequest, TBody?>>();
        var type = (JsonTypeInfo<TBody>)_host.RequestOptions.GetTypeInfo(typeof(TBody));
        return async (reader, ct) =>
        {
            var body = await JsonSerializer.DeserializeAsync(reader, type, ct);
            var request = _create();
            set(request, body);
            return request;
        };
    }

    string Key(PropertyInfo property)
        => property.GetCustomAttribute<BindFromAttribute>()?.Name ?? _host.NameOf(property.Name);

    IEnumerable<Member> Members(PropertyInfo property, HashSet<string> inRoute)
    {
        var key = Key(property);
        var closed = property.GetCustomAttribute<DontBindAttribute>()?.Sources ?? Source.None;
        var own = property.GetCustomAttributes().FirstOrDefault(a => a is NonJsonBindingAttribute or FromBodyAttribute);
        return own switch
        {
            FromBodyAttribute => [],
            RouteParamAttribute => [New(Kind.Route, key)],
            QueryParamAttribute => [New(Kind.Query, key)],
            FromClaimAttribute from => [New(Kind.Claim, from.ClaimType ?? property.Name, from.IsRequired)],
            FromHeaderAttribute from => [New(Kind.Header, from.HeaderName ?? property.Name, from.IsRequired)],
            _ => new[]
            {
                inRoute.Contains(key) && !closed.HasFlag(Source.RouteParam) ? New(Kind.Route, key) : null,
                !closed.HasFlag(Source.QueryParam) ? New(Kind.Query, key) : null,
            }.OfType<Member>().Where(m => m.CanParse),
        };

        Member New(Kind from, string key, bool isRequired = false)
        {
            var member = (Member)Activator.CreateInstance(
                typeof(Member<>).MakeGenericType(typeof(TRequest), property.PropertyType), property.SetMethod)!;
            (member.From, member.Key, member.IsRequired) = (from, key, isRequired);
            member.Name = _host.NameOf(property.Name);
            return member;
        }
    }

    /// <summary>A member that is bound from text.</summary>
    abstract class Member(Type type)
    {
        internal Type Type => type;
        internal Kind From { get; set; }
        internal string Key { get; set; } = "";
        internal string Name { get; set; } = "";
        internal bool IsRequired { get; set; }
        internal abstract bool CanParse { get; }

        internal abstract bool TrySet(TRequest request, StringValues values);
    }

    sealed class Member<T>(MethodInfo setter) : Member(typeof(T))
    {
        readonly Action<TRequest, T> _set = setter.CreateDelegate<Action<TRequest, T>>();

        internal override bool CanParse => ValueParser<T>.Known is not null;

        internal override bool TrySet(TRequest request, StringValues values)
        {
            if (!ValueParser<T>.Instance(values, out var value)) return false;
            _set(request, value);
            return true;
        }
    }
}

/// <summary>Keeps members that have a source of their own out of the JSON body.</summary>
static class BodyContract
{
    internal static void Exclude(JsonTypeInfo type)
    {
        var unmapped = type.UnmappedMemberHandling ?? type.Options.UnmappedMemberHandling;
        foreach (var property in type.Properties)
        {
            if (property.AttributeProvider?.IsDefined(typeof(NonJsonBindingAttribute), inherit: true) != true) continue;
            // The property stays, as a constructor parameter may need it; its converter answers as if it did not exist.
            property.IsRequired = false;
            property.ShouldSerialize = (_, _) => false;
            if (property.AssociatedParameter is null) property.Set = (_, _) => { };
            var instead = property.AssociatedParameter is { HasDefaultValue: true } with ? with.DefaultValue : null;
            property.CustomConverter = (JsonConverter)Activator.CreateInstance(
                typeof(Absent<>).MakeGenericType(property.PropertyType), property.Name, type.Type, instead, unmapped)!;
        }
    }

    sealed class Absent<T>(string name, Type type, T? instead, JsonUnmappedMemberHandling unmapped) : JsonConverter<T>
    {
        public override bool HandleNull => true;

        public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            => unmapped != JsonUnmappedMemberHandling.Disallow && reader.TrySkip() ? instead : throw new JsonException(
                $"The JSON property '{name}' could not be mapped to any .NET member contained in type '{type}'.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
            => throw new NotSupportedException("Requests are only read.");
    }
}
