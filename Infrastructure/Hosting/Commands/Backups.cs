using System.CommandLine;
using SliceApi.Infrastructure.Persistence;

namespace SliceApi.Infrastructure.Hosting.Commands;

/// <summary><c>backup FILE</c>, also while a server runs, and <c>restore FILE</c>, only while none does.</summary>
static class Backups
{
    public static Command Backup()
    {
        var file = new Argument<string>("FILE") { Description = "Where the copy goes; it must not exist." };
        return new Command("backup", "Copies the database into one checked file, also while a server runs.") { file }
            .Runs((parsed, settings, ct) =>
            {
                var source = DataFolder.DatabaseToRead(SettingsSetup.FolderIn(settings));
                var target = FileOf(parsed, file);
                var (tables, stray) = DatabaseBackup.Make(source, target, Progress(), ct);
                Console.WriteLine(
                    $"{target}: {new FileInfo(target).Length:N0} bytes, {(stray.Count == 0 ? "intact, " : "")}"
                    + $"{tables.Sum(t => t.Rows):N0} rows in {tables.Count} tables");
                if (stray.Count == 0)
                    return Task.FromResult(0);
                Console.Error.WriteLine(
                    "It is as broken as the database, and 'restore' refuses it: " + string.Join("; ", stray));
                return Task.FromResult(1);
            });
    }

    public static Command Restore()
    {
        var file = new Argument<string>("FILE") { Description = "A copy that 'backup' made." };
        return new Command(
            "restore",
            "Puts a copy in the database's place and keeps the old one aside. Everybody has to log in again.") { file }
            .Runs((parsed, settings, ct) =>
            {
                using var folder = DataFolder.Open(SettingsSetup.FolderIn(settings));
                var aside = DatabaseRestore.Run(FileOf(parsed, file), folder, ct);
                Console.WriteLine(aside is null
                    ? "Restored."
                    : $"Restored. The database that was there is kept as {aside}.");
                return Task.FromResult(0);
            });
    }

    static string FileOf(ParseResult parsed, Argument<string> file)
    {
        var name = parsed.GetRequiredValue(file);
        return name.StartsWith('-')
            ? throw new StartupException($"'{name}' is no file. Settings stand behind the file's name.")
            : Path.GetFullPath(name);
    }

    static Action<int>? Progress()
        => Console.IsErrorRedirected
            ? null
            : percent => Console.Error.Write(percent < 100 ? $"\r{percent,3} %" : "\r      \r");
}
