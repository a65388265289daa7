using System.Globalization;
using System.Reflection;
using FluentValidation;
using FluentValidation.Validators;
using Microsoft.OpenApi;

namespace FastEndpoints.Swagger;

/// <summary>
/// What validators say of members, as far as JSON Schema can say it. Rules with conditions are left out: a document
/// that is stricter than the endpoint keeps clients from sending what is fine.
/// </summary>
sealed class RuleBook
{
    readonly HashSet<Type> _read = [];
    readonly Dictionary<(Type Type, string Member), List<(IPropertyValidator Validator, bool OfItems)>> _rules = [];

    internal void Add(IValidator validator)
    {
        if (!_read.Add(validator.GetType())) return;
        var type = validator.GetType().GetInterfaces()
            .First(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IValidator<>))
            .GetGenericArguments()[0];
        foreach (var rule in validator.CreateDescriptor().Rules)
        {
            if (rule.HasCondition || rule.HasAsyncCondition || rule.Member is not PropertyInfo member) continue;
            if (!member.DeclaringType!.IsAssignableFrom(type)) continue;
            if (!_rules.TryGetValue((type, member.Name), out var rules)) _rules[(type, member.Name)] = rules = [];
            foreach (var component in rule.Components.Where(c => !c.HasCondition && !c.HasAsyncCondition))
            {
                if (component.Validator is IChildValidatorAdaptor adaptor) AddChild(adaptor, type);
                else rules.Add((component.Validator, member.PropertyType != rule.TypeToValidate));
            }
        }
    }

    /// <summary>A child validator can be had without a value unless it is made for each value.</summary>
    void AddChild(IChildValidatorAdaptor adaptor, Type type)
    {
        var context = Activator.CreateInstance(typeof(ValidationContext<>).MakeGenericType(type), [null]);
        try
        {
            var get = adaptor.GetType().GetMethod("GetValidator");
            if (get?.Invoke(adaptor, [context, null]) is IValidator child) Add(child);
        }
        catch (TargetInvocationException)
        {
            // Its rules depend on the value.
        }
    }

    /// <summary>Writes the rules of a member into its schema.</summary>
    internal void Apply(Type type, string member, OpenApiSchema schema, Action required)
    {
        foreach (var (validator, ofItems) in _rules.GetValueOrDefault((type, member)) ?? [])
        {
            if (!ofItems && validator is INotEmptyValidator or INotNullValidator) required();
            if ((ofItems ? schema.Items : schema) is OpenApiSchema target) Apply(validator, target);
        }
    }

    static void Apply(IPropertyValidator validator, OpenApiSchema schema)
    {
        switch (validator)
        {
            case INotEmptyValidator or INotNullValidator:
                DropNull(schema);
                if (validator is INotNullValidator) break;
                if (schema.Type == JsonSchemaType.String && schema.Format is null) schema.MinLength ??= 1;
                if (schema.Type == JsonSchemaType.Array) schema.MinItems ??= 1;
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
            case IBetweenValidator range:
                schema.ExclusiveMinimum = Text(range.From);
                schema.ExclusiveMaximum = Text(range.To);
                break;
            case IComparisonValidator { ValueToCompare: IFormattable limit } comparison:
                if (comparison.Comparison == Comparison.GreaterThan) schema.ExclusiveMinimum = Text(limit);
                if (comparison.Comparison == Comparison.GreaterThanOrEqual) schema.Minimum = Text(limit);
                if (comparison.Comparison == Comparison.LessThan) schema.ExclusiveMaximum = Text(limit);
                if (comparison.Comparison == Comparison.LessThanOrEqual) schema.Maximum = Text(limit);
                break;
        }
    }

    /// <summary>Takes null out of what a member can be, and tells whether it was in.</summary>
    internal static bool DropNull(OpenApiSchema schema)
    {
        // The generator marks members that way whose type has a schema of its own.
        var isMarked = schema.Metadata?.Remove("x-is-nullable-property") == true;
        if (!isMarked && schema.Type?.HasFlag(JsonSchemaType.Null) != true) return false;
        schema.Type &= ~JsonSchemaType.Null;
        return true;
    }

    static string? Text(object limit) => Convert.ToString(limit, CultureInfo.InvariantCulture);
}
