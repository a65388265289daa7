namespace Tests.Infrastructure.Persistence;

/// <summary>A server that makes backups, and a folder for them that does not do as it is told.</summary>
[Trait("Category", "Fault")]
public sealed class BackupFaultTests : IDisposable
{
    readonly string _folder = TestFolder.New();

    string Backups => Path.Combine(_folder, "backups");

    public void Dispose() => TestFolder.Delete(_folder);

    [Fact]
    public async Task A_folder_that_cannot_be_read_does_not_end_the_server()
    {
        Directory.CreateDirectory(Backups);
        await using var server = await StartAsync(Backups, "openat");
        await SaysAsync(server, "cannot be read");
        var live = await Requests.SendAsync(server.Client, HttpMethod.Get, "/health/live");
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
    }

    [Fact]
    public async Task An_old_backup_that_cannot_be_deleted_does_not_have_the_next_one_made_early()
    {
        Directory.CreateDirectory(Backups);
        var old = Path.Combine(Backups, "sliceapi-20200101-000000.db");
        await File.WriteAllTextAsync(old, "", TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(old, new DateTime(2020, 1, 1));
        await using var server = await StartAsync(old, "unlink");
        await SaysAsync(server, "Made the backup");
        Assert.Contains("could not be deleted", server.Output, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(Backups).Length);
    }

    // The call on that path is refused whenever it is made. The tracer stands aside, and the server is its own process.
    Task<ServerProcess> StartAsync(string path, string call)
        => ServerProcess.StartByAsync(
            [
                Programs.Require("strace"), "-D", "-f", "-o", "/dev/null", "-P", path,
                "-e", $"trace={call}", "-e", $"inject={call}:error=EACCES",
            ],
            _folder,
            "Backups:EveryHours=1", "Backups:Keep=1");

    static Task SaysAsync(ServerProcess server, string text)
        => Wait.UntilAsync(
            () => Task.FromResult(server.Output.Contains(text, StringComparison.Ordinal)), $"the log says '{text}'");
}
