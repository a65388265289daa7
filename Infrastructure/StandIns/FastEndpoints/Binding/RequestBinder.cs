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

/// <summary>Keeps members that have a source of their own out of the JSON body.</summary>
static class BodyContract
{
    internal static void Exclude(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (property.AttributeProvider?.IsDefined(typeof(NonJsonBindingAttribute), inherit: true) != true) continue;
            // The property stays, as a constructor parameter may need it; its converter answers as if it did not exist.
            property.IsRequired = false;
            property.ShouldSerialize = (_, _) => false;
            property.CustomConverter = (JsonConverter)Activator.CreateInstance(
                typeof(Absent<>).MakeGenericType(property.PropertyType),
                property.Name,
                type.Type,
                (type.UnmappedMemberHandling ?? type.Options.UnmappedMemberHandling) == JsonUnmappedMemberHandling.Disallow)!;
        }
    }

    sealed class Absent<T>(string name, Type type, bool refuse) : JsonConverter<T>
    {
        public override bool HandleNull => true;

        public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (refuse)
                throw new JsonException($"The JSON property '{name}' could not be mapped to any .NET member contained in type '{type}'.");
            reader.Skip();
            return default;
        }

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
            => throw new NotSupportedException("Requests are only read.");
    }
}

/// <summary>Makes the request of one endpoint. Later sources win: body, route, query, claims, headers.</summary>
sealed class RequestBinder<TRequest>
    where TRequest : notnull
{
    readonly EndpointHost _host;
    readonly Func<TRequest> _create;
    readonly IBody? _body;
    readonly Member[] _route;
    readonly Member[] _query;
    readonly Member[] _claims;
    readonly Member[] _headers;

    internal RequestBinder(EndpointDefinition definition, HashSet<string> routeParameters)
    {
        _host = definition.Host;
        if (typeof(TRequest).IsValueType)
            throw new NotSupportedException($"{definition.EndpointType.FullName}: {typeof(TRequest)} has to be a class.");
        _create = Creator();
        var properties = typeof(TRequest).GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(p => p.SetMethod is { IsPublic: true } && p.GetIndexParameters().Length == 0)
            .ToArray();
        routeParameters = new(routeParameters, StringComparer.OrdinalIgnoreCase);

        _route = Members(properties, Source.RouteParam, p => p.GetCustomAttribute<RouteParamAttribute>() is not null, routeParameters.Contains);
        _query = Members(properties, Source.QueryParam, p => p.GetCustomAttribute<QueryParamAttribute>() is not null, _ => true);
        _claims = [.. properties.Where(p => p.IsDefined(typeof(FromClaimAttribute))).Select(p =>
        {
            var from = p.GetCustomAttribute<FromClaimAttribute>()!;
            return Create(p, from.ClaimType ?? p.Name, from.IsRequired, mustKnow: true)!;
        })];
        _headers = [.. properties.Where(p => p.IsDefined(typeof(FromHeaderAttribute))).Select(p =>
        {
            var from = p.GetCustomAttribute<FromHeaderAttribute>()!;
            return Create(p, from.HeaderName ?? p.Name, from.IsRequired, mustKnow: true)!;
        })];
        _body = Body(properties);
        NeedsBody = _body is not null && (properties.Length == 0 || properties.Any(p =>
            !p.IsDefined(typeof(NonJsonBindingAttribute)) && !routeParameters.Contains(Key(p))));
    }

    /// <summary>Reads the body.</summary>
    interface IBody
    {
        ValueTask<TRequest?> ReadAsync(PipeReader reader, CancellationToken ct);
    }

    /// <summary>Whether there are members that come from nowhere but the body.</summary>
    internal bool NeedsBody { get; }

    /// <summary>
    /// Binds the request and notes everything that cannot be bound. Null when the body cannot be read, or when its charset
    /// has been answered with 415.
    /// </summary>
    internal async ValueTask<TRequest?> BindAsync(BaseEndpoint endpoint, CancellationToken ct)
    {
        var context = endpoint.HttpContext;
        TRequest? request = default;
        if (_body is not null && HasJsonBody(context))
        {
            if (!IsUtf8(context.Request))
            {
                context.MarkResponseStart();
                context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
                return default;
            }

            try
            {
                if (context.Request.ContentLength > 0 || !await IsEmptyAsync(context.Request.BodyReader, ct))
                    request = await _body.ReadAsync(context.Request.BodyReader, ct);
            }
            catch (JsonException e)
            {
                endpoint.ValidationFailures.Add(Failure(e));
                return default;
            }
        }

        request ??= _create();
        BindValues(request, endpoint);
        return request;
    }

    void BindValues(TRequest request, BaseEndpoint endpoint)
    {
        var http = endpoint.HttpContext.Request;
        foreach (var member in _route)
        {
            if (http.RouteValues.TryGetValue(member.Key, out var value) && value is not null)
                member.Bind(request, value.ToString(), endpoint, _host);
        }

        if (_query.Length > 0 && http.QueryString.HasValue)
        {
            var query = http.Query;
            foreach (var member in _query)
            {
                if (query.TryGetValue(member.Key, out var values)) member.Bind(request, values, endpoint, _host);
            }
        }

        foreach (var member in _claims) member.Bind(request, Claims(endpoint.HttpContext, member.Key), endpoint, _host);
        foreach (var member in _headers) member.Bind(request, http.Headers[member.Key], endpoint, _host);
    }

    static StringValues Claims(HttpContext context, string type)
    {
        var values = StringValues.Empty;
        foreach (var claim in context.User.Claims)
        {
            if (string.Equals(claim.Type, type, StringComparison.OrdinalIgnoreCase)) values = StringValues.Concat(values, claim.Value);
        }

        return values;
    }

    static bool HasJsonBody(HttpContext context)
        => context.Request.ContentLength != 0
            && context.Request.HasJsonContentType()
            && (context.Request.ContentLength > 0
                || context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != false);

    static bool IsUtf8(HttpRequest request)
    {
        if (request.ContentType!.Length == "application/json".Length) return true;
        return MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));
    }

    static async ValueTask<bool> IsEmptyAsync(PipeReader reader, CancellationToken ct)
    {
        var read = await reader.ReadAsync(ct);
        reader.AdvanceTo(read.Buffer.Start);
        return read.Buffer.IsEmpty && read.IsCompleted;
    }

    ValidationFailure Failure(JsonException e)
    {
        var failure = _host.Config.Binding.JsonExceptionTransformer is { } transform
            ? transform(e)
            : new ValidationFailure(_host.Config.Serializer.SerializerErrorsField, e.InnerException?.Message ?? e.Message);
        failure.PropertyName = _host.NameOf(failure.PropertyName);
        return failure;
    }

    /// <summary>Calls the constructor that JSON would, with the defaults of its parameters.</summary>
    static Func<TRequest> Creator()
    {
        var constructors = typeof(TRequest).GetConstructors()
            .Where(c => c.GetParameters() is not [{ } only] || only.ParameterType != typeof(TRequest))
            .OrderBy(c => c.GetParameters().Length)
            .ToArray();
        var constructor = constructors.FirstOrDefault(c => c.IsDefined(typeof(JsonConstructorAttribute)))
            ?? constructors.FirstOrDefault()
            ?? throw new NotSupportedException($"{typeof(TRequest)} has no public constructor.");
        return Expression.Lambda<Func<TRequest>>(
            Expression.New(constructor, constructor.GetParameters().Select(Default))).Compile();
    }

    static Expression Default(ParameterInfo parameter)
        => parameter.HasDefaultValue && parameter.DefaultValue is { } value
            ? Expression.Convert(
                Expression.Constant(parameter.ParameterType.IsEnum ? Enum.ToObject(parameter.ParameterType, value) : value),
                parameter.ParameterType)
            : Expression.Default(parameter.ParameterType);

    IBody? Body(PropertyInfo[] properties)
    {
        if (typeof(TRequest) == typeof(EmptyRequest)) return null;
        var whole = Array.Find(properties, p => p.IsDefined(typeof(FromBodyAttribute)));
        if (whole is not null)
        {
            return (IBody)Activator.CreateInstance(
                typeof(PropertyBody<>).MakeGenericType(typeof(TRequest), whole.PropertyType),
                _host.RequestOptions.GetTypeInfo(whole.PropertyType),
                whole.SetMethod!,
                _create)!;
        }

        var type = (JsonTypeInfo<TRequest>)_host.RequestOptions.GetTypeInfo(typeof(TRequest));
        return type.Kind == JsonTypeInfoKind.Object
            && Array.TrueForAll(properties, p => p.IsDefined(typeof(NonJsonBindingAttribute)))
            ? null
            : new WholeBody(type);
    }

    Member[] Members(
        PropertyInfo[] properties, Source source, Func<PropertyInfo, bool> isMarked, Func<string, bool> exists)
        => [.. properties
            .Where(p => !p.IsDefined(typeof(FromBodyAttribute)))
            .Where(p => isMarked(p) || !p.IsDefined(typeof(NonJsonBindingAttribute)))
            .Where(p => p.GetCustomAttribute<DontBindAttribute>() is not { } dont || (dont.Sources & source) == 0)
            .Where(p => exists(Key(p)))
            .Select(p => Create(p, Key(p), isRequired: false, mustKnow: isMarked(p)))
            .OfType<Member>()];

    string Key(PropertyInfo property)
        => property.GetCustomAttribute<BindFromAttribute>()?.Name
            ?? _host.Config.Serializer.Options.PropertyNamingPolicy?.ConvertName(property.Name)
            ?? property.Name;

    Member? Create(PropertyInfo property, string key, bool isRequired, bool mustKnow)
    {
        var member = (Member)Activator.CreateInstance(
            typeof(Member<>).MakeGenericType(typeof(TRequest), property.PropertyType), property.SetMethod!)!;
        member.Key = key;
        member.Name = _host.NameOf(property.Name);
        member.IsRequired = isRequired;
        if (member.CanParse) return member;
        return mustKnow
            ? throw new NotSupportedException($"{typeof(TRequest)}.{property.Name} cannot be made from text.")
            : null;
    }

    /// <summary>A member that is bound from text.</summary>
    abstract class Member
    {
        internal string Key { get; set; } = "";

        internal string Name { get; set; } = "";

        internal bool IsRequired { get; set; }

        internal abstract bool CanParse { get; }

        internal abstract void Bind(TRequest request, StringValues values, BaseEndpoint endpoint, EndpointHost host);
    }

    sealed class Member<T>(MethodInfo setter) : Member
    {
        readonly Action<TRequest, T> _set = setter.CreateDelegate<Action<TRequest, T>>();
        readonly Parse<T>? _parse = ValueParser<T>.Known;

        internal override bool CanParse => _parse is not null;

        internal override void Bind(TRequest request, StringValues values, BaseEndpoint endpoint, EndpointHost host)
        {
            if (values.Count == 0)
            {
                if (IsRequired) endpoint.ValidationFailures.Add(new(Name, $"{Key} is required!"));
            }
            else if (_parse!(values, out var value))
            {
                _set(request, value);
            }
            else
            {
                endpoint.ValidationFailures.Add(
                    new(Name, host.Config.Binding.FailureMessage(typeof(T), Name, values)) { AttemptedValue = values.ToString() });
            }
        }
    }

    sealed class WholeBody(JsonTypeInfo<TRequest> type) : IBody
    {
        public ValueTask<TRequest?> ReadAsync(PipeReader reader, CancellationToken ct)
            => JsonSerializer.DeserializeAsync(reader, type, ct);
    }

    sealed class PropertyBody<TBody>(JsonTypeInfo type, MethodInfo setter, Func<TRequest> create) : IBody
    {
        readonly Action<TRequest, TBody?> _set = setter.CreateDelegate<Action<TRequest, TBody?>>();

        public async ValueTask<TRequest?> ReadAsync(PipeReader reader, CancellationToken ct)
        {
            var body = await JsonSerializer.DeserializeAsync(reader, (JsonTypeInfo<TBody>)type, ct);
            var request = create();
            _set(request, body);
            return request;
        }
    }
}
