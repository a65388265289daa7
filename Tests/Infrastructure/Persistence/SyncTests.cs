using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tests.Infrastructure.Persistence;

/// <summary>That an answer leaves only after the disk has what it says: read off the server's system calls.</summary>
[Trait("Category", "Fault")]
public sealed partial class SyncTests : IDisposable
{
    const int Writes = 16;

    readonly string _folder = TestFolder.New();

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => TestFolder.Delete(_folder);

    [Theory]
    [InlineData("FULL", Writes)]
    // What may be lost in a power cut: the same look finds it.
    [InlineData("NORMAL", 0)]
    public async Task No_answer_leaves_before_the_disk_has_confirmed_the_journal(string synchronous, int confirmed)
    {
        await using var server = await ServerProcess.StartAsync(_folder, $"Writer:Synchronous={synchronous}");
        await RegisterAsync(server, "first");
        // Whole pages, so that what was written can be told by the e-mail address in it.
        await using var tracer = await Tracer.AttachAsync(
            server, "-s", "8192", "-e", "trace=pwrite64,fsync,fdatasync,sendto,sendmsg,writev,write");
        // One after the other, and then together: those share commits.
        var names = Enumerable.Range(0, Writes).Select(_ => $"n{Guid.NewGuid():N}").ToList();
        foreach (var name in names.Take(Writes / 2))
            await RegisterAsync(server, name);
        await Task.WhenAll(names.Skip(Writes / 2).Select(name => RegisterAsync(server, name)));
        var calls = await tracer.DetachAsync();
        Assert.Equal(confirmed, names.Count(name => IsConfirmed(calls, name)));
    }

    [Fact]
    public async Task Backup_and_restore_name_nothing_before_the_disk_has_it_and_then_see_to_the_name()
    {
        var (backup, trace) = (Path.Combine(_folder, "copy.db"), _folder + ".trace");
        string[] starter =
        [
            Programs.Require("strace"), "-f", "-y", "-s", "4096", "-o", trace, "-e", "trace=fsync,fdatasync,rename",
        ];
        Assert.Equal(0, (await ServerProcess.CommandAsync(_folder, "", "seed")).ExitCode);
        foreach (var (command, names) in new[] { ("backup", 1), ("restore", 2) })
        {
            var (code, output) = await ServerProcess.CommandByAsync(starter, _folder, command, backup);
            Assert.True(code == 0, output);
            var calls = await File.ReadAllLinesAsync(trace, Ct);
            var renamed = calls.Index().Where(call => Renames(call.Item)).ToList();
            Assert.Equal(names, renamed.Count);
            foreach (var (at, call) in renamed)
            {
                Assert.Contains(calls[..at], before => Synchronises(before, call.Split('"')[1]));
                Assert.Contains(
                    calls[(at + 1)..].TakeWhile(after => !Renames(after)), after => Synchronises(after, _folder));
            }
        }

        File.Delete(trace);
    }

    static bool Renames(string call) => call.Contains(" rename(", StringComparison.Ordinal);

    static bool Synchronises(string call, string path)
        => call.Contains("sync(", StringComparison.Ordinal) && call.Contains($"<{path}>", StringComparison.Ordinal);

    // Whether the journal was synchronised between the first write that holds the name and the answer that does.
    static bool IsConfirmed(string[] calls, string name)
    {
        var written = Array.FindIndex(
            calls, call => JournalWrite().IsMatch(call) && call.Contains(name, StringComparison.Ordinal));
        var answered = Array.FindIndex(
            calls,
            call => call.Contains("HTTP/1.1 201", StringComparison.Ordinal)
                && call.Contains(name, StringComparison.Ordinal));
        Assert.True(written >= 0, "The journal's write is not among the calls.");
        Assert.True(answered >= 0, "The answer is not among the calls.");
        return answered > written && calls[written..answered]
            .Where((call, i) => JournalSync().Match(call) is { Success: true } begun
                && (begun.Groups["end"].Value.Length > 0
                    || Ends(calls[(written + i)..answered], begun.Groups["thread"].Value)))
            .Any();
    }

    // When another thread came between, its end stands in a line of its own.
    static bool Ends(IEnumerable<string> calls, string thread)
        => calls.Select(call => Resumed().Match(call)).Any(end => end.Success && end.Groups["thread"].Value == thread);

    static async Task RegisterAsync(ServerProcess server, string name)
    {
        var body = JsonSerializer.Serialize(
            new { email = $"{name}@example.com", password = "a fine password", name = "Ada" });
        var response = await server.Client.PostAsync("/api/v1/auth/register", Requests.Json(body), Ct);
        await response.DataAsync(HttpStatusCode.Created);
    }

    [GeneratedRegex(@"pwrite64\(\d+<[^>]*sliceapi\.db-wal>")]
    private static partial Regex JournalWrite();

    [GeneratedRegex(@"^(?<thread>\d+) +f(data)?sync\(\d+<[^>]*sliceapi\.db-wal>(?<end>\) += 0)?")]
    private static partial Regex JournalSync();

    [GeneratedRegex(@"^(?<thread>\d+) +<\.\.\. f(data)?sync resumed>.*= 0")]
    private static partial Regex Resumed();
}
