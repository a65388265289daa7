using System.Collections;
using System.Reflection;
using System.Text.Json;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence;

namespace Tests.Architecture;

/// <summary>What each slice tells, against <c>responses.txt</c>: nothing gets out because a record grew.</summary>
public sealed class ResponseTests
{
    const string Features = "SliceApi.Features.";

    // What is stored and nobody's business, wherever a field is named after it.
    static readonly string[] Secrets = ["password", "hash", "secret", "emailKey", "counter", "graceUses", "payload"];

    static readonly Assembly Application = typeof(AppDb).Assembly;

    [Fact]
    public void The_list_names_every_field_and_no_other()
    {
        var expected = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Architecture", "responses.txt"))
            .Where(line => line.Length > 0 && line[0] != '#').ToList();
        var told = Told();
        Assert.Contains(told, slice => slice.Key == "Users.Get" && slice.Value.Count > 0);
        var actual = told.Select(slice => $"{slice.Key}: {string.Join(' ', slice.Value)}".TrimEnd()).ToList();
        Offences.None("Not in Tests/Architecture/responses.txt", actual.Except(expected));
        Offences.None("Only in Tests/Architecture/responses.txt", expected.Except(actual));
        Assert.Equal(actual, expected);
    }

    [Fact]
    public void No_field_tells_a_secret_and_only_signing_in_gives_tokens()
    {
        foreach (var (slice, fields) in Told())
        {
            Assert.DoesNotContain(fields, IsSecret);
            Assert.Equal(slice is "Auth.Login" or "Auth.Refresh", fields.Contains("accessToken"));
            Assert.Equal(slice is "Auth.Login" or "Auth.Refresh", fields.Contains("refreshToken"));
        }
    }

    // Each endpoint's slice, and the envelope around all of them, with the paths of their fields.
    static SortedDictionary<string, List<string>> Told()
    {
        var told = new SortedDictionary<string, List<string>>(StringComparer.Ordinal)
        {
            ["Envelope"] = [.. Fields(typeof(Envelope<object>), "").Order(StringComparer.Ordinal)],
        };
        var endpoints = Application.GetTypes()
            .Where(t => t.Name == "Endpoint" && t.Namespace?.StartsWith(Features, StringComparison.Ordinal) == true);
        foreach (var endpoint in endpoints)
            told.Add(endpoint.Namespace![Features.Length..], [.. FieldsOf(endpoint).Order(StringComparer.Ordinal)]);
        return told;
    }

    static bool IsSecret(string field) => Secrets.Any(s => field.Contains(s, StringComparison.OrdinalIgnoreCase));

    static IEnumerable<string> FieldsOf(Type endpoint)
    {
        for (var type = endpoint; type is not null; type = type.BaseType)
        {
            if (type.IsGenericType && type.GetGenericTypeDefinition() is var generic
                && (generic == typeof(ApiEndpoint<>) || generic == typeof(ApiEndpoint<,>)))
            {
                return Fields(type.GetGenericArguments()[^1], "");
            }
        }

        return [];
    }

    static IEnumerable<string> Fields(Type type, string path)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type) && type.IsGenericType)
            return Fields(type.GetGenericArguments()[^1], path.Length == 0 ? path : $"{path}[]");
        if (type.Assembly != Application || type.IsEnum)
            return [path];
        var before = path.Length == 0 ? "" : $"{path}.";
        // With what only some kinds of it have.
        return Application.GetTypes().Where(type.IsAssignableFrom).Append(type)
            .SelectMany(kind => kind.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            .DistinctBy(property => property.Name)
            .SelectMany(p => Fields(p.PropertyType, before + JsonNamingPolicy.CamelCase.ConvertName(p.Name)));
    }
}
