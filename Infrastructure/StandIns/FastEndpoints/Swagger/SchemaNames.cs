using System.Reflection;
using System.Xml.Linq;

namespace FastEndpoints.Swagger;

/// <summary>
/// The ids of schemas: the type's name, its outer types' before it. Types that live beside an endpoint have the last
/// two parts of their namespace before that, as slices call theirs alike. No two types share an id.
/// </summary>
sealed class SchemaNames
{
    readonly HashSet<string?> _qualified = [];
    readonly Dictionary<Type, string> _ids = [];

    internal void Qualify(string? space) => _qualified.Add(space);

    internal string Of(Type type)
    {
        if (_ids.TryGetValue(type, out var id)) return id;
        var wanted = id = NameOf(type);
        for (var number = 2; _ids.ContainsValue(id); number++) id = wanted + number;
        return _ids[type] = id;
    }

    string NameOf(Type type)
    {
        var name = "";
        for (var outer = type; outer is not null; outer = outer.DeclaringType) name = outer.Name.Split('`')[0] + name;
        if (_qualified.Contains(type.Namespace)) name = string.Concat(type.Namespace?.Split('.')[^2..] ?? []) + name;
        return type.IsGenericType ? $"{name}Of{string.Join("And", type.GetGenericArguments().Select(NameOf))}" : name;
    }
}

/// <summary>The summaries of types and members, as far as their assemblies' documentation files are there.</summary>
sealed class XmlSummaries
{
    readonly Dictionary<Assembly, Dictionary<string, string>> _files = [];

    internal string? Of(Type type) => Find(type, $"T:{NameOf(type)}");

    /// <summary>A property's own summary or, in a record, what is said of its parameter.</summary>
    internal string? Of(PropertyInfo property)
        => Find(property.DeclaringType!, $"P:{NameOf(property.DeclaringType!)}.{property.Name}")
            ?? Find(property.DeclaringType!, $"T:{NameOf(property.DeclaringType!)}#{property.Name}");

    static string NameOf(Type type) => (type.FullName ?? type.Name).Split('[')[0].Replace('+', '.');

    string? Find(Type type, string key)
    {
        if (!_files.TryGetValue(type.Assembly, out var file)) _files[type.Assembly] = file = Read(type.Assembly);
        return file.GetValueOrDefault(key);
    }

    static Dictionary<string, string> Read(Assembly assembly)
    {
        var texts = new Dictionary<string, string>();
        var path = Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml");
        if (!File.Exists(path)) return texts;
        foreach (var member in XDocument.Load(path).Descendants("member"))
        {
            var name = (string?)member.Attribute("name") ?? "";
            if (member.Element("summary") is { } summary) texts[name] = Text(summary);
            foreach (var parameter in member.Elements("param"))
                texts[$"{name}#{(string?)parameter.Attribute("name")}"] = Text(parameter);
        }

        return texts;
    }

    static string Text(XElement element)
        => string.Join(' ', element.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
