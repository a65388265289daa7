using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Configuration.Json;

namespace SliceApi.Infrastructure.Hosting;

/// <summary>Binds and checks the settings before anything else runs.</summary>
public static class SettingsSetup
{
    static readonly string[] HostsOwn = ["Urls", "Kestrel", "Logging", "AllowedHosts"];

    /// <summary>Makes <see cref="Settings"/> available to the whole program.</summary>
    /// <exception cref="StartupException">A setting is out of range or unreadable; the message names it.</exception>
    public static Settings AddSettings(this WebApplicationBuilder builder)
    {
        builder.AddDefaults();
        var settings = Read(builder.Configuration);
        builder.Services.AddSingleton(settings);
        return settings;
    }

    /// <summary>The full path of the data folder that arguments, environment or settings file name.</summary>
    /// <exception cref="StartupException">A setting is out of its range or unreadable.</exception>
    public static string FolderIn(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.AddDefaults();
        return Path.GetFullPath(Read(builder.Configuration).DataFolder, builder.Environment.ContentRootPath);
    }

    /// <summary>Whether a word begins with the name of a setting, of the program or of ASP.NET Core.</summary>
    internal static bool IsSetting(string word)
        => word.StartsWith("--", StringComparison.Ordinal)
            && word[2..].Split(':', '=')[0] is var name
            && (HostsOwn.Contains(name) || typeof(Settings).GetProperty(name) is not null);

    // The file's defaults are in the program, too: it may run where there is no such file.
    static void AddDefaults(this WebApplicationBuilder builder)
        => builder.Configuration.Sources.Insert(0, new JsonStreamConfigurationSource
        {
            Stream = typeof(Settings).Assembly.GetManifestResourceStream("appsettings.json")!,
        });

    static Settings Read(IConfiguration configuration)
    {
        Spread(configuration, $"{nameof(Settings.Proxies)}:{nameof(ProxySettings.Known)}");
        Spread(configuration, $"{nameof(Settings.Cors)}:{nameof(CorsSettings.Origins)}");
        Settings settings;
        try
        {
            settings = configuration.Get<Settings>() ?? new Settings();
        }
        catch (InvalidOperationException e)
        {
            throw new StartupException($"A setting cannot be read. {e.Message}", e);
        }

        List<string> problems =
            [.. Check(settings, ""), .. Unknown(configuration), .. WrongLevels(configuration)];
        return problems.Count == 0
            ? settings
            : throw new StartupException(string.Join(Environment.NewLine, problems));
    }

    // A list on the command line or in an environment variable is one text ("10.0.0.1,10.0.0.2"). The binder knows
    // lists as numbered keys only and passes over such a text in silence.
    static void Spread(IConfiguration configuration, string list)
    {
        var parts = (configuration[list] ?? "").Split(
            ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < parts.Length; i++)
            configuration[$"{list}:{i}"] = parts[i];
    }

    // Mostly typing errors. Outside of the sections everything else that the environment holds is configuration, too.
    static IEnumerable<string> Unknown(IConfiguration configuration)
        => from section in typeof(Settings).GetProperties()
           where section.PropertyType.Namespace == typeof(Settings).Namespace
           from given in configuration.GetSection(section.Name).GetChildren()
           where section.PropertyType.GetProperty(
               given.Key, BindingFlags.IgnoreCase | BindingFlags.Public | BindingFlags.Instance) is null
           select $"There is no setting {section.Name}:{given.Key}.";

    static IEnumerable<string> WrongLevels(IConfiguration configuration)
        => from level in configuration.GetSection("Logging:LogLevel").GetChildren()
           where level.Value is { Length: > 0 } name && !Enum.TryParse<LogLevel>(name, ignoreCase: true, out _)
           select $"The setting {level.Path} must be one of {string.Join(", ", Enum.GetNames<LogLevel>())}.";

    // DataAnnotations do not look into nested objects; the settings are a tree, and the messages name the whole path.
    static IEnumerable<string> Check(object section, string path)
    {
        foreach (var property in section.GetType().GetProperties())
        {
            var key = path.Length == 0 ? property.Name : $"{path}:{property.Name}";
            var value = property.GetValue(section);
            if (value is not null && property.PropertyType.Namespace == typeof(Settings).Namespace)
            {
                foreach (var problem in Check(value, key))
                    yield return problem;
                continue;
            }

            foreach (var rule in property.GetCustomAttributes<ValidationAttribute>())
            {
                var context = new ValidationContext(section) { MemberName = property.Name, DisplayName = key };
                if (rule.GetValidationResult(value, context) is { ErrorMessage: { } message })
                {
                    yield return message.Contains(key, StringComparison.Ordinal)
                        ? message
                        : $"The setting {key} {message}.";
                }
            }
        }
    }
}
