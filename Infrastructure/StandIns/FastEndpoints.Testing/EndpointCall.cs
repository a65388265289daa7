using System.Collections;
using System.Globalization;
using System.Net.Http.Json;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Routing.Patterns;

namespace FastEndpoints.Testing;

/// <summary>Which host a fixture's client talks to.</summary>
static class ClientHosts
{
    static readonly ConditionalWeakTable<HttpClient, EndpointHost> Hosts = [];

    internal static void Add(HttpClient client, EndpointHost host) => Hosts.AddOrUpdate(client, host);

    /// <summary>A client that no fixture has made talks to the last host started.</summary>
    internal static EndpointHost Of(HttpClient client)
        => Hosts.TryGetValue(client, out var host) ? host : EndpointHost.Current;
}

/// <summary>One call of an endpoint by its type.</summary>
static class EndpointCall
{
    internal static async Task<TestResult<TResponse>> ReadAsync<TResponse>(
        HttpClient client, Type endpoint, HttpMethod verb, object? request = null)
    {
        var response = await SendAsync(client, endpoint, verb, request);
        var text = await response.Content.ReadAsStringAsync();
        var result = default(TResponse);
        var mediaType = response.Content.Headers.ContentType?.MediaType ?? "";
        if (text.Length > 0 && mediaType.EndsWith("json", StringComparison.OrdinalIgnoreCase))
        {
            try
            {
                result = JsonSerializer.Deserialize<TResponse>(text, ClientHosts.Of(client).Config.Serializer.Options);
            }
            catch (JsonException e)
            {
                var status = (int)response.StatusCode;
                throw new JsonException($"{status} is no {typeof(TResponse)}: {e.Message}\n{text}", e);
            }
        }

        return new(response, result!, response.IsSuccessStatusCode ? null : text);
    }

    internal static async Task<HttpResponseMessage> SendAsync(
        HttpClient client, Type endpoint, HttpMethod verb, object? request = null)
    {
        var host = ClientHosts.Of(client);
        var definition = host.Definitions.Find(d => d.EndpointType == endpoint)
            ?? throw new InvalidOperationException($"{endpoint.FullName} is no endpoint of the client's host.");
        using var message = new HttpRequestMessage(verb, "/");
        var members = request is null ? [] : Member.Of(request);
        var path = Path(definition.Patterns[0], members);
        var hasBody = verb != HttpMethod.Get && verb != HttpMethod.Delete;
        message.RequestUri = new Uri(path + Query(members, onlyMarked: hasBody), UriKind.Relative);
        foreach (var member in members)
        {
            if (member.Header is { } header && member.Value is not null)
                message.Headers.TryAddWithoutValidation(header, member.Texts());
        }

        if (Body(members, request, hasBody) is { } body)
            message.Content = JsonContent.Create(body, body.GetType(), new("application/json"), host.RequestOptions);
        return await client.SendAsync(message);
    }

    static string Path(RoutePattern route, Member[] members)
        => EndpointMapper.Join([.. route.PathSegments.Select(s => string.Concat(s.Parts.Select(part => part switch
        {
            RoutePatternLiteralPart literal => literal.Content,
            RoutePatternSeparatorPart separator => separator.Content,
            _ => Value((RoutePatternParameterPart)part, members),
        })))]);

    static string Value(RoutePatternParameterPart parameter, Member[] members)
    {
        var name = parameter.Name;
        var member = Array.Find(members, m => m.MayBeRoute && m.Key.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (member is { Value: not null })
        {
            member.IsUsed = true;
            return Uri.EscapeDataString(member.Texts().First());
        }

        return parameter.IsOptional || parameter.Default is not null
            ? ""
            : throw new InvalidOperationException($"The request has no value for the route parameter '{name}'.");
    }

    static string Query(Member[] members, bool onlyMarked)
    {
        var query = new StringBuilder();
        foreach (var member in members)
        {
            var travels = member.IsQuery || (!onlyMarked && member is { IsPlain: true, IsText: true });
            if (!travels || member.IsUsed || member.Value is null) continue;
            member.IsUsed = true;
            foreach (var text in member.Texts())
                query.Append(query.Length == 0 ? '?' : '&').Append($"{member.Key}={Uri.EscapeDataString(text)}");
        }

        return query.ToString();
    }

    /// <summary>What is sent as JSON: the member that is the body, or the request while it has members left.</summary>
    static object? Body(Member[] members, object? request, bool evenIfNull)
    {
        if (Array.Find(members, m => m.IsBody) is { } whole) return whole.Value;
        var left = Array.FindAll(members, m => m is { IsPlain: true, IsUsed: false });
        return request is IEnumerable || Array.Exists(left, m => evenIfNull || m.Value is not null) ? request : null;
    }

    /// <summary>A member of a request and where it goes.</summary>
    sealed class Member(PropertyInfo property, object request)
    {
        internal string Key { get; } = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
        internal object? Value { get; } = property.GetValue(request);
        internal bool MayBeRoute => property.IsDefined(typeof(RouteParamAttribute)) || IsPlain;
        internal bool IsQuery => property.IsDefined(typeof(QueryParamAttribute));
        internal bool IsBody => property.IsDefined(typeof(FromBodyAttribute));
        internal bool IsPlain => !property.IsDefined(typeof(NonJsonBindingAttribute)) && !IsBody;
        /// <summary>Whether a query can hold it.</summary>
        internal bool IsText => ValueParser.Of(property.PropertyType) is not null;
        internal string? Header
            => property.GetCustomAttribute<FromHeaderAttribute>() is { } from ? from.HeaderName ?? property.Name : null;
        internal bool IsUsed { get; set; }

        internal static Member[] Of(object request)
            => [.. request.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public)
                .Where(p => p.CanRead && p.CanWrite && p.GetIndexParameters().Length == 0)
                .Select(p => new Member(p, request))];

        internal IEnumerable<string> Texts()
            => Value is IEnumerable items and not string ? items.Cast<object>().Select(Text) : [Text(Value!)];

        static string Text(object value) => value is DateTime or DateTimeOffset or DateOnly or TimeOnly
            ? string.Create(CultureInfo.InvariantCulture, $"{value:O}")
            : Convert.ToString(value, CultureInfo.InvariantCulture)!;
    }
}
