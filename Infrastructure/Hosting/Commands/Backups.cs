using System.CommandLine;
using System.Runtime.InteropServices;
using SliceApi.Infrastructure.Persistence;

namespace SliceApi.Infrastructure.Hosting.Commands;

/// <summary><c>backup FILE</c>, also while a server runs, and <c>restore FILE</c>, only while none does.</summary>
static class Backups
{
    public static Command Backup()
    {
        var file = new Argument<string>("FILE") { Description = "Where the copy goes; it must not exist." };
        return new Command("backup", "Copies the database into one checked file, also while a server runs.") { file }
            .Runs((parsed, settings, _) => UntilInterrupted(ct =>
            {
                var source = DataFolder.DatabaseToRead(SettingsSetup.FolderIn(settings));
                var target = FileOf(parsed, file);
                var (tables, stray) = DatabaseBackup.Make(source, target, Progress(), ct);
                Console.WriteLine(
                    $"{target}: {new FileInfo(target).Length:N0} bytes, {(stray.Count == 0 ? "intact, " : "")}"
                    + $"{tables.Sum(t => t.Rows):N0} rows in {tables.Count} tables");
                if (stray.Count == 0)
                    return 0;
                Console.Error.WriteLine(
                    "It is as broken as the database, and 'restore' refuses it: " + string.Join("; ", stray));
                return 1;
            }));
    }

    public static Command Restore()
    {
        var file = new Argument<string>("FILE") { Description = "A copy that 'backup' made." };
        return new Command(
            "restore",
            "Puts a copy in the database's place and keeps the old one aside. Everybody has to log in again.") { file }
            .Runs((parsed, settings, _) => UntilInterrupted(ct =>
            {
                using var folder = DataFolder.Open(SettingsSetup.FolderIn(settings));
                var aside = DatabaseRestore.Run(FileOf(parsed, file), folder, ct);
                Console.WriteLine(aside is null
                    ? "Restored."
                    : $"Restored. The database that was there is kept as {aside}.");
                return 0;
            }));
    }

    // The first signal stops what can still be stopped and takes away what is unfinished; the second ends at once.
    static Task<int> UntilInterrupted(Func<CancellationToken, int> work)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        try
        {
            return Task.FromResult(work(stop.Token));
        }
        catch (OperationCanceledException e)
        {
            throw new StartupException("Stopped before it was done; nothing has changed.", e);
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }
    }

    static string FileOf(ParseResult parsed, Argument<string> file)
    {
        var name = parsed.GetRequiredValue(file);
        return name.Length == 0 || name.StartsWith('-')
            ? throw new StartupException($"'{name}' is no file. Settings stand behind the file's name.")
            : Path.GetFullPath(name);
    }

    static Action<int>? Progress()
        => Console.IsErrorRedirected
            ? null
            : percent => Console.Error.Write(percent < 100 ? $"\r{percent,3} %" : "\r      \r");
}
