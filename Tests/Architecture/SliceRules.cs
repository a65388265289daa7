using System.Reflection;
using FastEndpoints;
using FluentValidation;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Persistence;
using ZiggyCreatures.Caching.Fusion;

namespace Tests.Architecture;

/// <summary>
/// The rules that keep slices alike and apart. Each rule first asserts that it found something to judge; each message
/// names what breaks it.
/// </summary>
public sealed class SliceRules
{
    const string Features = "SliceApi.Features.";
    const string Infrastructure = "SliceApi.Infrastructure.";

    static readonly Assembly Application = typeof(AppDb).Assembly;
    static readonly string[] SliceTypes = ["Endpoint", "Request", "Validator", "Response", "Data", "Handler"];

    static readonly List<Type> Types = [.. Application.GetTypes()
        .Where(t => t.DeclaringType is null && !t.Name.StartsWith('<') && t.Namespace is not null)];

    static readonly List<Type> InFeatures =
        [.. Types.Where(t => t.Namespace!.StartsWith(Features, StringComparison.Ordinal))];

    static readonly List<Type> InInfrastructure =
        [.. Types.Where(t => t.Namespace!.StartsWith(Infrastructure, StringComparison.Ordinal))];

    [Fact]
    public void Infrastructure_knows_no_feature()
    {
        Assert.NotEmpty(InInfrastructure);
        Holds(InInfrastructure, type => Uses(type).Where(IsFeature));
    }

    [Fact]
    public void No_slice_uses_another()
    {
        Assert.NotEmpty(InFeatures);
        Holds(InFeatures, type => Uses(type).Where(used => IsFeature(used) && used.Namespace != type.Namespace));
    }

    [Fact]
    public void Slices_sit_two_folders_below_features_and_their_types_have_the_six_names()
    {
        Assert.NotEmpty(InFeatures);
        Assert.All(InFeatures, type => Assert.Matches(@"^SliceApi\.Features\.\w+\.\w+$", type.Namespace));
        Holds(
            InFeatures,
            type => SliceTypes.Contains(type.Name) || type.IsSubclassOf(typeof(ApiException)) ? [] : [type]);
        Assert.All(InFeatures, type => Assert.True(
            (type.IsSealed || type.IsAbstract) && !type.IsPublic, $"{type} should be sealed and internal"));
        Assert.All(
            InFeatures.Select(type => type.Namespace).Distinct(),
            slice => Assert.Contains(
                InFeatures, type => type.Namespace == slice && type.Name is "Endpoint" or "Handler"));
    }

    [Fact]
    public void Only_data_touches_the_database_the_writer_and_the_cache()
    {
        Type[] kept = [typeof(AppDb), typeof(Writer), typeof(IFusionCache)];
        Assert.NotEmpty(InFeatures);
        Assert.Contains(InFeatures, type => type.Name == "Data" && Uses(type).Intersect(kept).Any());
        Holds(InFeatures.Where(type => type.Name != "Data"), type => Uses(type).Intersect(kept));
    }

    [Fact]
    public void No_entity_leaves_a_slice()
    {
        var responses = InFeatures.Where(type => type.Name == "Response").ToList();
        Assert.NotEmpty(responses);
        Holds(responses, type => Uses(type)
            .Where(used => used.Namespace?.EndsWith(".Entities", StringComparison.Ordinal) == true));
    }

    [Fact]
    public void Every_slice_has_its_test_class()
    {
        var slices = InFeatures.Select(type => type.Namespace!).Distinct().ToList();
        Assert.NotEmpty(slices);
        Assert.All(slices, slice =>
        {
            var test = $"Tests.Features.{slice[Features.Length..]}Tests";
            Assert.True(typeof(SliceRules).Assembly.GetType(test) is not null, $"{test} is missing");
        });
    }

    [Fact]
    public void Every_member_that_a_request_requires_is_reported_when_it_is_missing()
    {
        // What has no default must be sent. The reader leaves it null, zero or empty; only the validator can say so.
        var requests = InFeatures.Where(type => type.Name == "Request" && type.GetConstructors().Length == 1).ToList();
        Assert.NotEmpty(requests);
        Assert.All(requests, type =>
        {
            var parameters = type.GetConstructors()[0].GetParameters();
            var nothing = Activator.CreateInstance(
                type, [.. parameters.Select(p => p.HasDefaultValue ? p.DefaultValue : Default(p.ParameterType))])!;
            var validator = Types.SingleOrDefault(t => t.Namespace == type.Namespace && t.Name == "Validator");
            var reported = validator is null
                ? []
                : ((IValidator)Activator.CreateInstance(validator)!)
                    .Validate(new ValidationContext<object>(nothing)).Errors.Select(e => e.PropertyName).ToHashSet();
            var required = parameters
                .Where(p => !p.HasDefaultValue
                    && type.GetProperty(p.Name!)!.GetCustomAttribute<RouteParamAttribute>() is null)
                .Select(p => p.Name!);
            Assert.Empty(required.Where(name => !reported.Contains(name)).Select(name => $"{type}: {name}"));
        });
    }

    [Fact]
    public void Members_that_come_from_the_route_say_so()
    {
        // Otherwise a query parameter of the same name would win over the route.
        var endpoints = InFeatures.Where(type => type.Name == "Endpoint").ToList();
        Assert.NotEmpty(endpoints);
        var requests = InFeatures.Where(type => type.Name == "Request");
        Assert.All(requests.SelectMany(type => type.GetProperties()), member =>
        {
            if (member.Name is "Id" or "UserId" or "OwnerId")
            {
                Assert.True(
                    member.GetCustomAttribute<RouteParamAttribute>() is not null
                        || member.GetCustomAttribute<QueryParamAttribute>() is not null,
                    $"{member.DeclaringType}.{member.Name} should say where it comes from");
            }
        });
    }

    [Fact]
    public void The_application_names_only_members_that_the_stand_ins_have_too()
    {
        var members = Types.SelectMany(CodeMap.MembersUsedBy)
            .Where(member => LibraryMembers.Libraries.Any(l =>
                (member as Type ?? member.DeclaringType)?.Namespace?.StartsWith(l, StringComparison.Ordinal) == true))
            .Select(LibraryMembers.NameOf)
            .OfType<string>()
            .ToHashSet();
        Assert.NotEmpty(members);
        var unknown = members.Except(LibraryMembers.Allowed).Order().ToList();
        Assert.True(unknown.Count == 0, $"Not in LibraryMembers: {string.Join(", ", unknown)}");
    }

    [Fact]
    public void No_line_is_longer_than_120_characters()
    {
        var root = Root();
        // Generated: what is built, and migrations, which are never edited by hand.
        var (built, migrations) = ("artifacts", Path.Combine(root, "Infrastructure", "Persistence", "Migrations"));
        var files = Directory.GetDirectories(root).Where(folder => Path.GetFileName(folder) != built)
            .SelectMany(folder => Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories))
            .Concat(Directory.GetFiles(root, "*.cs"))
            .Where(file => !file.StartsWith(migrations, StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(files);
        var tooLong = files.SelectMany(file => File.ReadLines(file).Index()
            .Where(line => line.Item.Length > 120)
            .Select(line => $"{Path.GetRelativePath(root, file)}:{line.Index + 1}")).ToList();
        Assert.True(tooLong.Count == 0, $"Too long: {string.Join(", ", tooLong)}");
    }

    // Tests run from the repository's artifacts.
    static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "SliceApi.slnx")))
            folder = folder.Parent ?? throw new FileNotFoundException("The repository's folder", "SliceApi.slnx");
        return folder.FullName;
    }

    static object? Default(Type type) => type.IsValueType ? Activator.CreateInstance(type) : null;

    static bool IsFeature(Type type) => type.Namespace?.StartsWith(Features, StringComparison.Ordinal) == true;

    static IEnumerable<Type> Uses(Type type)
        => CodeMap.Types(CodeMap.MembersUsedBy(type)).Select(CodeMap.AsWritten).Distinct();

    static void Holds(IEnumerable<Type> types, Func<Type, IEnumerable<Type>> offences)
        => Assert.Empty(types.SelectMany(type => offences(type).Select(used => $"{type} -> {used}")));
}
