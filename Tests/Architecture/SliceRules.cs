using System.Reflection;
using FastEndpoints;
using FluentValidation;
using SliceApi.Infrastructure.Events;
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
        Holds(
            "Infrastructure uses what belongs to a slice; move it to Infrastructure",
            InInfrastructure,
            type => Uses(type).Where(IsFeature));
    }

    [Fact]
    public void No_slice_uses_another()
    {
        Assert.NotEmpty(InFeatures);
        Holds(
            "A slice uses another; write it twice, or move it to Infrastructure",
            InFeatures,
            type => Uses(type).Where(used => IsFeature(used) && used.Namespace != type.Namespace));
    }

    [Fact]
    public void Slices_sit_two_folders_below_features_and_their_types_have_the_six_names()
    {
        Assert.NotEmpty(InFeatures);
        Offences.None(
            "Not in SliceApi.Features.{Feature}.{Slice}",
            InFeatures.Select(type => $"{type}").Where(name => name.Split('.').Length != 5));
        Offences.None(
            $"Neither {string.Join(", ", SliceTypes)} nor an {nameof(ApiException)}; nest it in one of these",
            InFeatures.Where(type => !SliceTypes.Contains(type.Name) && !type.IsSubclassOf(typeof(ApiException)))
                .Select(type => $"{type}"));
        Offences.None(
            "Not sealed and internal",
            InFeatures.Where(type => !(type.IsSealed || type.IsAbstract) || type.IsPublic).Select(type => $"{type}"));
        Offences.None(
            "A slice without Endpoint or Handler",
            InFeatures.GroupBy(type => type.Namespace!)
                .Where(slice => !slice.Any(type => type.Name is "Endpoint" or "Handler"))
                .Select(slice => slice.Key));
    }

    [Fact]
    public void Only_data_touches_the_database_the_writer_and_the_cache()
    {
        Type[] kept = [typeof(AppDb), typeof(Writer), typeof(IFusionCache)];
        Assert.NotEmpty(InFeatures);
        Assert.Contains(InFeatures, type => type.Name == "Data" && Uses(type).Intersect(kept).Any());
        Holds(
            "Not Data, and yet it uses the database, the writer or the cache; move that to the slice's Data.cs",
            InFeatures.Where(type => type.Name != "Data"),
            type => Uses(type).Intersect(kept));
    }

    [Fact]
    public void No_entity_leaves_a_slice()
    {
        var responses = InFeatures.Where(type => type.Name == "Response").ToList();
        Assert.NotEmpty(responses);
        Holds(
            "A response holds an entity; give it the members that are to be told",
            responses,
            type => Uses(type).Where(used => used.Namespace?.EndsWith(".Entities", StringComparison.Ordinal) == true));
    }

    [Fact]
    public void Every_event_has_a_name_of_its_own()
    {
        var events = Types.Where(type => type.IsSubclassOf(typeof(DomainEvent))).ToList();
        Assert.NotEmpty(events);
        var names = events.ToLookup(type => type.GetCustomAttribute<EventNameAttribute>()?.Name ?? "");
        Offences.None("Without [EventName], the name that it is stored under", names[""].Select(type => type.Name));
        Offences.None("Two events have the name", names.Where(same => same.Count() > 1).Select(same => same.Key));
    }

    [Fact]
    public void Every_slice_has_its_test_class()
    {
        var slices = InFeatures.Select(type => type.Namespace!).Distinct().ToList();
        Assert.NotEmpty(slices);
        Offences.None(
            "A slice without its test class",
            slices.Select(slice => $"Tests.Features.{slice[Features.Length..]}Tests")
                .Where(test => typeof(SliceRules).Assembly.GetType(test) is null));
    }

    [Fact]
    public void Every_member_that_a_request_requires_is_reported_when_it_is_missing()
    {
        // What has no default must be sent. The reader leaves it null, zero or empty; only the validator can say so.
        var requests = InFeatures.Where(type => type.Name == "Request" && type.GetConstructors().Length == 1).ToList();
        Assert.NotEmpty(requests);
        Offences.None(
            "Missing, and no rule of the Validator says so; add one, or a default",
            requests.SelectMany(Unreported));
    }

    [Fact]
    public void Members_that_come_from_the_route_say_so()
    {
        // Otherwise a query parameter of the same name would win over the route.
        var endpoints = InFeatures.Where(type => type.Name == "Endpoint").ToList();
        Assert.NotEmpty(endpoints);
        var requests = InFeatures.Where(type => type.Name == "Request");
        Offences.None(
            "Without [property: RouteParam] or [property: QueryParam], which say where it comes from",
            requests.SelectMany(type => type.GetProperties())
                .Where(member => member.Name is "Id" or "UserId" or "OwnerId"
                    && member.GetCustomAttribute<RouteParamAttribute>() is null
                    && member.GetCustomAttribute<QueryParamAttribute>() is null)
                .Select(member => $"{member.DeclaringType}: {member.Name}"));
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
        Offences.None("Not in LibraryMembers.cs, which says what that means", members.Except(LibraryMembers.Allowed));
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
            .Select(line => $"{Path.GetRelativePath(root, file)}:{line.Index + 1}"));
        Offences.None("Longer than 120 characters", tooLong);
    }

    // Tests run from the repository's artifacts.
    static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "SliceApi.slnx")))
            folder = folder.Parent ?? throw new FileNotFoundException("The repository's folder", "SliceApi.slnx");
        return folder.FullName;
    }

    // Members that must be sent, and of which the slice's validator does not say so.
    static IEnumerable<string> Unreported(Type request)
    {
        var parameters = request.GetConstructors()[0].GetParameters();
        var nothing = Activator.CreateInstance(
            request, [.. parameters.Select(p => p.HasDefaultValue ? p.DefaultValue : Default(p.ParameterType))])!;
        var validator = Types.SingleOrDefault(t => t.Namespace == request.Namespace && t.Name == "Validator");
        var reported = validator is null
            ? []
            : ((IValidator)Activator.CreateInstance(validator)!)
                .Validate(new ValidationContext<object>(nothing)).Errors.Select(e => e.PropertyName).ToHashSet();
        var required = parameters
            .Where(p => !p.HasDefaultValue
                && request.GetProperty(p.Name!)!.GetCustomAttribute<RouteParamAttribute>() is null)
            .Select(p => p.Name!);
        return required.Where(name => !reported.Contains(name)).Select(name => $"{request}: {name}");
    }

    static object? Default(Type type) => type.IsValueType ? Activator.CreateInstance(type) : null;

    static bool IsFeature(Type type) => type.Namespace?.StartsWith(Features, StringComparison.Ordinal) == true;

    static IEnumerable<Type> Uses(Type type)
        => CodeMap.Types(CodeMap.MembersUsedBy(type)).Select(CodeMap.AsWritten).Distinct();

    static void Holds(string rule, IEnumerable<Type> types, Func<Type, IEnumerable<Type>> offences)
        => Offences.None(rule, types.SelectMany(type => offences(type).Select(used => $"{type} uses {used}")));
}
