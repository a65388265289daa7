using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace FastEndpoints.Swagger;

/// <summary>The endpoints' routes: ASP.NET Core itself describes only handlers whose parameters it binds.</summary>
sealed class RouteDescriptions(EndpointDataSource routes, DocumentOptions options)
    : IApiDescriptionGroupCollectionProvider
{
    static readonly EmptyModelMetadataProvider Models = new();

    public ApiDescriptionGroupCollection ApiDescriptionGroups => new([new(null, [.. routes.Endpoints
        .Where(e => e.Metadata.GetMetadata<EndpointDefinition>() is not null).Select(Describe)])], version: 1);

    /// <summary>A request's members and where they come from: nowhere in particular is the body.</summary>
    internal static List<ApiParameterDescription> MembersOf(EndpointDefinition request, RoutePattern route, bool inBody)
    {
        var members = request.ReqDtoType.GetProperties().Where(p => p.SetMethod is { IsPublic: true }).ToList();
        inBody &= !members.Exists(Has<FromBodyAttribute>);
        return members.ConvertAll(member =>
        {
            var header = member.GetCustomAttribute<FromHeaderAttribute>();
            var name = header?.HeaderName ?? request.Host.NameOf(member.Name);
            var inRoute = route.GetParameter(name);
            var source = Has<FromClaimAttribute>(member) ? BindingSource.Special
                : header is not null ? BindingSource.Header
                : Has<FromBodyAttribute>(member) ? BindingSource.Body
                : inRoute is not null ? BindingSource.Path
                : inBody && !Has<NonJsonBindingAttribute>(member) ? null : BindingSource.Query;
            var isRequired = header?.IsRequired ?? source != BindingSource.Query;
            return Parameter(inRoute?.Name ?? name, member.PropertyType, source, isRequired, member.Name);
        });
    }

    ApiDescription Describe(Endpoint route)
    {
        var definition = route.Metadata.GetRequiredMetadata<EndpointDefinition>();
        var pattern = ((RouteEndpoint)route).RoutePattern;
        var tag = definition.Routes[0].Trim('/').Split('/').ElementAtOrDefault(options.AutoTagPathSegmentIndex - 1);
        string[] tags = tag is null or "" or ['{', ..] ? [] : [CultureInfo.InvariantCulture.TextInfo.ToTitleCase(tag)];
        var description = new ApiDescription
        {
            HttpMethod = route.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods[0],
            RelativePath = pattern.RawText!.TrimStart('/'),
            ActionDescriptor = new() { EndpointMetadata = [.. route.Metadata, new TagsAttribute(tags)] },
        };

        var (parameters, type) = (description.ParameterDescriptions, definition.ReqDtoType);
        var takesBody = description.HttpMethod is "POST" or "PUT" or "PATCH" && type != typeof(EmptyRequest);
        var members = MembersOf(definition, pattern, takesBody);
        var inBody = members.RemoveAll(m => m.Source is null);
        members.RemoveAll(m => m.Source == BindingSource.Special);
        members.ForEach(parameters.Add);
        foreach (var name in pattern.Parameters.Select(p => p.Name).Except(members.Select(m => m.Name)))
            parameters.Add(Parameter(name, typeof(string), BindingSource.Path));
        takesBody &= !members.Exists(m => m.Source == BindingSource.Body);
        if (takesBody && (inBody > 0 || !options.RemoveEmptyRequestSchema))
            parameters.Add(Parameter("", type, BindingSource.Body));

        var texts = definition.EndpointSummary?.Responses ?? [];
        var answers = texts.Keys.Select(status => new ProducesResponseTypeMetadata(status))
            .Concat(route.Metadata.GetOrderedMetadata<IProducesResponseTypeMetadata>());
        // What the endpoint says itself comes last and counts.
        foreach (var answer in answers.GroupBy(a => a.StatusCode).Select(g => g.Last()))
            description.SupportedResponseTypes.Add(new()
            {
                StatusCode = answer.StatusCode,
                Type = answer.Type ?? typeof(void),
                Description = texts.GetValueOrDefault(answer.StatusCode),
                ApiResponseFormats = [.. answer.ContentTypes.Select(t => new ApiResponseFormat { MediaType = t })],
            });
        return description;
    }

    static ApiParameterDescription Parameter(
        string name, Type type, BindingSource? source, bool isRequired = true, string member = "") => new()
        {
            Name = name,
            Type = type,
            Source = source!,
            IsRequired = isRequired,
            ModelMetadata = Models.GetMetadataForType(type),
            ParameterDescriptor = new() { Name = member },
        };

    static bool Has<T>(PropertyInfo member) where T : Attribute => member.IsDefined(typeof(T));
}
