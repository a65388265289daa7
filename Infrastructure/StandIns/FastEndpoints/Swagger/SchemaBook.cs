using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using FluentValidation;
using FluentValidation.Validators;
using Microsoft.OpenApi;

namespace FastEndpoints.Swagger;

/// <summary>
/// The schemas of a document. Objects and enumerations are components; those that live beside an endpoint have the last
/// two parts of their namespace in their names, as slices call theirs alike.
/// </summary>
sealed class SchemaBook(OpenApiDocument document, EndpointHost host, bool shortNames)
{
    static readonly Dictionary<Type, string?> TextFormats = new()
    {
        [typeof(string)] = null, [typeof(char)] = null, [typeof(TimeSpan)] = null, [typeof(Guid)] = "uuid",
        [typeof(DateTime)] = "date-time", [typeof(DateTimeOffset)] = "date-time", [typeof(DateOnly)] = "date",
        [typeof(TimeOnly)] = "time", [typeof(Uri)] = "uri", [typeof(byte[])] = "byte",
    };

    readonly Dictionary<Type, string> _ids = [];
    readonly ILookup<(Type, string), IPropertyValidator> _rules = host.Definitions.SelectMany(RulesOf)
        .ToLookup(r => (r.Type, r.Member), r => r.Validator);

    readonly Dictionary<string, string> _summaries = host.Definitions.Select(d => d.EndpointType.Assembly).Distinct()
        .Select(assembly => Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml")).Where(File.Exists)
        .SelectMany(path => XElement.Load(path).Descendants("summary").Where(s => s.Parent?.Name == "member"))
        .ToDictionary(s => (string)s.Parent!.Attribute("name")!, s => Regex.Replace(s.Value.Trim(), @"\s+", " "));

    internal IOpenApiSchema Of(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        var contract = host.Config.Serializer.Options.GetTypeInfo(type);
        if (contract.Kind == JsonTypeInfoKind.Enumerable)
            return new OpenApiSchema { Type = JsonSchemaType.Array, Items = Of(contract.ElementType!) };
        if (contract.Kind == JsonTypeInfoKind.Dictionary)
            return new OpenApiSchema { Type = JsonSchemaType.Object, AdditionalProperties = Of(contract.ElementType!) };
        if (contract.Kind != JsonTypeInfoKind.Object && !type.IsEnum) return Simple(type);

        if (!_ids.TryGetValue(type, out var id))
        {
            var wanted = id = NameOf(type);
            for (var number = 2; _ids.ContainsValue(id); number++) id = wanted + number;
            _ids[type] = id;
            var schema = new OpenApiSchema { Description = SummaryOf(type) };
            document.AddComponent(id, schema);
            if (type.IsEnum) FillEnum(schema, contract);
            else Fill(schema, contract);
        }

        return new OpenApiSchemaReference(id, document);
    }

    /// <summary>Writes a member's rules into its schema, as far as it can say them; true for a required one.</summary>
    internal bool ApplyRules(Type type, string member, IOpenApiSchema schema)
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
        if (!shortNames && host.Definitions.Exists(d => d.EndpointType.Namespace == type.Namespace))
            name = string.Concat(type.Namespace?.Split('.').TakeLast(2) ?? []) + name;
        return type.IsGenericType ? $"{name}Of{string.Join("And", type.GetGenericArguments().Select(NameOf))}" : name;
    }

    static OpenApiSchema Simple(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Boolean => new() { Type = JsonSchemaType.Boolean },
        >= TypeCode.SByte and <= TypeCode.Int32 => new() { Type = JsonSchemaType.Integer, Format = "int32" },
        >= TypeCode.UInt32 and <= TypeCode.UInt64 => new() { Type = JsonSchemaType.Integer, Format = "int64" },
        >= TypeCode.Single and <= TypeCode.Decimal => new() { Type = JsonSchemaType.Number, Format = "double" },
        _ when TextFormats.TryGetValue(type, out var format) => new() { Type = JsonSchemaType.String, Format = format },
        _ => new(),
    };

    static void FillEnum(OpenApiSchema schema, JsonTypeInfo contract)
    {
        var values = Enum.GetValues(contract.Type).Cast<object>();
        schema.Enum = [.. values.Select(value => JsonSerializer.SerializeToNode(value, contract)!)];
        var isText = schema.Enum.All(value => value.GetValueKind() == JsonValueKind.String);
        schema.Type = isText ? JsonSchemaType.String : JsonSchemaType.Integer;
    }

    void Fill(OpenApiSchema schema, JsonTypeInfo contract)
    {
        schema.Type = JsonSchemaType.Object;
        schema.Properties = new Dictionary<string, IOpenApiSchema>();
        schema.Required = new HashSet<string>();
        var unmapped = contract.UnmappedMemberHandling ?? contract.Options.UnmappedMemberHandling;
        schema.AdditionalPropertiesAllowed = unmapped != JsonUnmappedMemberHandling.Disallow;
        foreach (var property in contract.Properties.Where(p => p is not { Get: null, Set: null }))
        {
            var member = Of(property.PropertyType);
            schema.Properties[property.Name] = member;
            if (property.IsRequired || property.AssociatedParameter is { HasDefaultValue: false, IsNullable: false })
                schema.Required.Add(property.Name);
            if (property.AttributeProvider is not PropertyInfo info) continue;
            member.Description = SummaryOf(info);
            if (ApplyRules(contract.Type, info.Name, member)) schema.Required.Add(property.Name);
        }
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
        switch (validator)
        {
            case INotEmptyValidator when schema.Type == JsonSchemaType.String && schema.Format is null:
                schema.MinLength ??= 1;
                break;
            case INotEmptyValidator when schema.Type == JsonSchemaType.Array:
                schema.MinItems = 1;
                break;
            case ILengthValidator length:
                if (length.Min > 0) schema.MinLength = length.Min;
                if (length.Max > 0) schema.MaxLength = length.Max;
                break;
            case IRegularExpressionValidator pattern:
                schema.Pattern = pattern.Expression;
                break;
            case IEmailValidator:
                schema.Format = "email";
                break;
            case IInclusiveBetweenValidator range:
                schema.Minimum = Text(range.From);
                schema.Maximum = Text(range.To);
                break;
            case IComparisonValidator { ValueToCompare: IFormattable limit } comparison:
                if (comparison.Comparison == Comparison.GreaterThan) schema.ExclusiveMinimum = Text(limit);
                if (comparison.Comparison == Comparison.GreaterThanOrEqual) schema.Minimum = Text(limit);
                if (comparison.Comparison == Comparison.LessThan) schema.ExclusiveMaximum = Text(limit);
                if (comparison.Comparison == Comparison.LessThanOrEqual) schema.Maximum = Text(limit);
                break;
        }
    }

    static string? Text(object limit) => Convert.ToString(limit, CultureInfo.InvariantCulture);
}
