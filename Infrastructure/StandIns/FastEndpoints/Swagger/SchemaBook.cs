using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using FluentValidation;
using FluentValidation.Validators;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace FastEndpoints.Swagger;

/// <summary>Names a document's schemas, and adds what validators and documentation files say of them.</summary>
sealed class SchemaBook(EndpointHost host, bool shortNames)
{
    readonly Dictionary<Type, string> _ids = [];
    readonly ILookup<(Type, string), IPropertyValidator> _rules = host.Definitions.SelectMany(RulesOf)
        .ToLookup(r => (r.Type, r.Member), r => r.Validator);
    readonly Dictionary<string, string> _summaries = host.Definitions.Select(d => d.EndpointType.Assembly).Distinct()
        .Select(assembly => Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml")).Where(File.Exists)
        .SelectMany(path => XElement.Load(path).Descendants("summary").Where(s => s.Parent?.Name == "member"))
        .ToDictionary(s => (string)s.Parent!.Attribute("name")!, s => Regex.Replace(s.Value.Trim(), @"\s+", " "));

    /// <summary>The name of a type's schema; null for one that has no schema of its own.</summary>
    internal string? IdOf(JsonTypeInfo contract)
    {
        var type = Nullable.GetUnderlyingType(contract.Type) ?? contract.Type;
        var isPlain = contract.Kind == JsonTypeInfoKind.None && !type.IsEnum;
        if (isPlain || OpenApiOptions.CreateDefaultSchemaReferenceId(contract) is null) return null;
        if (_ids.TryGetValue(type, out var id)) return id;
        var wanted = id = NameOf(type);
        for (var number = 2; _ids.ContainsValue(id); number++) id = wanted + number;
        return _ids[type] = id;
    }

    /// <summary>The members of a request that are not taken from its body.</summary>
    internal HashSet<string> NotInBody(Type type)
        => host.Definitions.Find(d => d.ReqDtoType == type) is not { } definition ? []
            : [.. RouteDescriptions.MembersOf(definition, definition.Patterns[0], inBody: true)
                .Where(m => m.Source is not null).Select(m => m.ParameterDescriptor.Name)];

    /// <summary>Completes a generated schema, of which the members' schemas are still a part.</summary>
    internal Task CompleteAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken ct)
    {
        var type = context.JsonTypeInfo.Type;
        schema.Description ??= SummaryOf(type);
        if (type.IsEnum) schema.Default = null; // which is that of the one member that led here
        // What a converter writes has no type.
        if (schema.Enum?.Count > 0 || schema.Format == "date-time") schema.Type ??= JsonSchemaType.String;
        if (schema.Properties is null) return Task.CompletedTask;

        var texts = host.Definitions.Find(d => d.ReqDtoType == type)?.EndpointSummary?.Params;
        var notInBody = NotInBody(type);
        schema.Required ??= new HashSet<string>();
        foreach (var property in context.JsonTypeInfo.Properties)
        {
            if (property.AttributeProvider is not PropertyInfo info) continue;
            if (notInBody.Contains(info.Name)) schema.Properties.Remove(property.Name);
            var isLeft = schema.Properties.TryGetValue(property.Name, out var found);
            if (!isLeft || property is { IsRequired: false, AssociatedParameter.IsNullable: true })
                schema.Required.Remove(property.Name);
            if (found is not OpenApiSchema member) continue;

            // Nulls are left out of answers, and a request may leave them out: no member says null.
            member.Type &= ~JsonSchemaType.Null;
            member.Metadata?.Remove("x-is-nullable-property");
            if (ApplyRules(type, info.Name, member)) schema.Required.Add(property.Name);
            // What has a schema of its own has its own description.
            if (member.Metadata?.TryGetValue("x-schema-id", out var id) != true || id is not string { Length: > 0 })
                member.Description = texts?.GetValueOrDefault(info.Name) ?? SummaryOf(info) ?? member.Description;
        }

        return Task.CompletedTask;
    }

    /// <summary>Writes a member's rules into its schema, as far as it can say them; true for a required one.</summary>
    internal bool ApplyRules(Type type, string member, IOpenApiSchema? schema)
    {
        var rules = _rules[(type, member)].ToList();
        if (schema is OpenApiSchema own) rules.ForEach(rule => Apply(rule, own));
        return rules.Exists(rule => rule is INotEmptyValidator or INotNullValidator);
    }

    /// <summary>What the documentation file of the endpoints' assembly says of a type or property.</summary>
    internal string? SummaryOf(MemberInfo member)
    {
        var type = member as Type ?? member.DeclaringType!;
        var name = (type.FullName ?? type.Name).Split('[')[0].Replace('+', '.');
        return _summaries.GetValueOrDefault(member is Type ? $"T:{name}" : $"P:{name}.{member.Name}");
    }

    string NameOf(Type type)
    {
        var name = "";
        for (var outer = type; outer is not null; outer = outer.DeclaringType) name = outer.Name.Split('`')[0] + name;
        // Slices call their types alike.
        if (!shortNames && host.Definitions.Exists(d => d.EndpointType.Namespace == type.Namespace))
            name = string.Concat(type.Namespace?.Split('.').TakeLast(2) ?? []) + name;
        return type.IsGenericType ? $"{name}Of{string.Join("And", type.GetGenericArguments().Select(NameOf))}" : name;
    }

    /// <summary>A validator's rules for the request's own members that hold under all conditions.</summary>
    static IEnumerable<(Type Type, string Member, IPropertyValidator Validator)> RulesOf(EndpointDefinition definition)
        => from rule in definition.Host.CreateValidator(definition.ValidatorType)?.CreateDescriptor().Rules ?? []
           where !rule.HasCondition && !rule.HasAsyncCondition && rule.Member is PropertyInfo p
               && p.DeclaringType!.IsAssignableFrom(definition.ReqDtoType) && p.PropertyType == rule.TypeToValidate
           from component in rule.Components
           where !component.HasCondition && !component.HasAsyncCondition
           select (definition.ReqDtoType, rule.Member.Name, component.Validator);

    static void Apply(IPropertyValidator validator, OpenApiSchema schema)
    {
        if (validator is INotEmptyValidator && schema is { Type: JsonSchemaType.String, Format: null })
            schema.MinLength ??= 1;
        if (validator is INotEmptyValidator && schema.Type == JsonSchemaType.Array) schema.MinItems = 1;
        if (validator is ILengthValidator { Min: > 0 and var min }) schema.MinLength = min;
        if (validator is ILengthValidator { Max: > 0 and var max }) schema.MaxLength = max;
        if (validator is IRegularExpressionValidator pattern) schema.Pattern = pattern.Expression;
        if (validator is IEmailValidator) schema.Format = "email";
        if (validator is IInclusiveBetweenValidator r) (schema.Minimum, schema.Maximum) = (Text(r.From), Text(r.To));
        if (validator is not IComparisonValidator { ValueToCompare: IFormattable value } comparison) return;
        if (comparison.Comparison == Comparison.GreaterThan) schema.ExclusiveMinimum = Text(value);
        if (comparison.Comparison == Comparison.GreaterThanOrEqual) schema.Minimum = Text(value);
        if (comparison.Comparison == Comparison.LessThan) schema.ExclusiveMaximum = Text(value);
        if (comparison.Comparison == Comparison.LessThanOrEqual) schema.Maximum = Text(value);
    }

    static string? Text(object limit) => Convert.ToString(limit, CultureInfo.InvariantCulture);
}
