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
    readonly Dictionary<Assembly, XElement> _files = [];

    internal string? Of(MemberInfo member)
    {
        var type = member as Type ?? member.DeclaringType!;
        if (!_files.TryGetValue(type.Assembly, out var file))
        {
            var path = Path.Combine(AppContext.BaseDirectory, type.Assembly.GetName().Name + ".xml");
            _files[type.Assembly] = file = File.Exists(path) ? XElement.Load(path) : new("doc");
        }

        var name = (type.FullName ?? type.Name).Split('[')[0].Replace('+', '.');
        name = member is Type ? $"T:{name}" : $"P:{name}.{member.Name}";
        var entry = file.Descendants("member").FirstOrDefault(m => (string?)m.Attribute("name") == name);
        var words = entry?.Element("summary")?.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words is null ? null : string.Join(' ', words);
    }
}
