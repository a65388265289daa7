using System.CommandLine;
using SliceApi.Infrastructure.Persistence;

namespace SliceApi.Infrastructure.Hosting.Commands;

/// <summary><c>verify</c>: is the database whole, are the books right? Reads only, also while a server runs.</summary>
static class Verification
{
    public static Command Command()
        => new Command(
            "verify", "Checks the file, its references, the ledger and the outbox; also while a server runs.")
            .Runs((_, settings, _) =>
            {
                var file = DataFolder.DatabaseToRead(SettingsSetup.FolderIn(settings));
                var problems = 0;
                foreach (var (what, found) in DatabaseCheck.Run(file))
                {
                    var result = found.Count == 0
                        ? "ok"
                        : string.Join(Environment.NewLine + new string(' ', 15), found);
                    Console.WriteLine($"{what,-14} {result}");
                    problems += found.Count;
                }

                return Task.FromResult(problems == 0 ? 0 : 1);
            });
}
