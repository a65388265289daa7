using System.Text.Json;

namespace Tests.Infrastructure.Hosting;

/// <summary>What the program does on its first start, on its next, and when it cannot start.</summary>
public sealed class StartupTests : IDisposable
{
    readonly string _folder = TestFolder.New();

    string Database => Path.Combine(_folder, "sliceapi.db");

    public void Dispose() => TestFolder.Delete(_folder);

    [Fact]
    public async Task Makes_its_data_folder_for_its_owner_alone()
    {
        await using var server = await ServerProcess.StartAsync(_folder);
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("File modes are Unix's.");
            return;
        }

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder));
        var files = Directory.GetFiles(_folder);
        Assert.Contains(files, file => file.EndsWith("sliceapi.db-wal", StringComparison.Ordinal));
        foreach (var file in files)
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task Writes_nothing_into_the_home_folder()
    {
        var home = Directory.CreateDirectory(ServerProcess.HomeOf(_folder));
        try
        {
            await using var server = await ServerProcess.StartAsync(_folder);
            await RegisterAsync(server.Client, "ada@example.com");
            await LogInAsync(server.Client, "ada@example.com", "a fine password");
            Assert.Empty(home.EnumerateFileSystemInfos());
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Keeps_accounts_and_tokens_through_kill_9_and_restart()
    {
        string token;
        await using (var server = await ServerProcess.StartAsync(_folder))
        {
            await RegisterAsync(server.Client, "ada@example.com");
            token = await LogInAsync(server.Client, "ada@example.com", "a fine password");
            await server.KillAsync();
        }

        await using var again = await ServerProcess.StartAsync(_folder);
        var me = await Requests.SendAsync(
            again.Client, HttpMethod.Get, "/api/v1/users/me", null, ("Authorization", $"Bearer {token}"));
        Assert.Equal("ada@example.com", (await me.DataAsync(HttpStatusCode.OK)).GetProperty("email").GetString());
    }

    [Fact]
    public async Task Refuses_old_tokens_when_the_signing_key_was_deleted()
    {
        string token;
        await using (var server = await ServerProcess.StartAsync(_folder))
        {
            await RegisterAsync(server.Client, "ada@example.com");
            token = await LogInAsync(server.Client, "ada@example.com", "a fine password");
            File.Delete(Path.Combine(_folder, "signing.key"));
            await MeAsync(server).DataAsync(HttpStatusCode.OK);
        }

        await using var again = await ServerProcess.StartAsync(_folder);
        await MeAsync(again).ErrorAsync(HttpStatusCode.Unauthorized, "INVALID_TOKEN");

        Task<HttpResponseMessage> MeAsync(ServerProcess server)
            => Requests.SendAsync(
                server.Client, HttpMethod.Get, "/api/v1/users/me", null, ("Authorization", $"Bearer {token}"));
    }

    [Fact]
    public async Task Makes_the_administrator_that_the_settings_name_once()
    {
        string[] admin = ["Admin:Email=root@example.com", "Admin:Password=a fine password"];
        for (var start = 0; start < 2; start++)
        {
            await using var server = await ServerProcess.StartAsync(_folder, admin);
            var token = await LogInAsync(server.Client, "root@example.com", "a fine password");
            var me = await Requests.SendAsync(
                server.Client, HttpMethod.Get, "/api/v1/users/me", null, ("Authorization", $"Bearer {token}"));
            Assert.Equal(
                ["user", "admin"],
                (await me.DataAsync(HttpStatusCode.OK)).GetProperty("roles")
                    .EnumerateArray().Select(r => r.GetString()));
            Assert.DoesNotContain("a fine password", server.Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Jwt:SigningKey", "a-key-of-thirty-one-bytes-only!")]
    [InlineData("Jwt:SigningKey", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("Jwt:SigningKey", "a-key-that-is-long-enough-but-not-äscii")]
    [InlineData("Jwt:AccessMinutes", "0")]
    [InlineData("Jwt:AccessMinutes", "soon")]
    [InlineData("Passwords:MemoryKiB", "4")]
    [InlineData("Database:Provider", "oracle")]
    [InlineData("Writer:Synchronous", "OFF")]
    [InlineData("Admin:Password", "Passw0rd")]
    [InlineData("Proxies:Known:0", "my-proxy")]
    [InlineData("Proxies:Known", "127.0.0.1, my-proxy")]
    [InlineData("RateLimits:Requests", "0")]
    [InlineData("RateLimits:Request", "100")]
    [InlineData("RateLimit:Enabled", "false")]
    [InlineData("Logging:LogLevel:Default", "Loud")]
    public async Task Names_the_setting_that_it_cannot_use_and_ends(string name, string value)
    {
        var (exitCode, output) = await ServerProcess.RunToEndAsync(_folder, $"{name}={value}");
        Assert.Equal(1, exitCode);
        Assert.Contains(name.Replace(":0", "", StringComparison.Ordinal), output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        if (name is "Jwt:SigningKey" or "Admin:Password")
            Assert.DoesNotContain(value, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DataFoder=x")]
    [InlineData("Docs:Enabled")]
    [InlineData("Docs:Enabled", "Urls=http://127.0.0.1:0")]
    public async Task Takes_no_setting_for_another_one_or_its_value(params string[] settings)
    {
        var (exitCode, output) = await ServerProcess.RunToEndAsync(_folder, settings);
        Assert.Equal(1, exitCode);
        Assert.Contains("--" + settings[0].Split('=')[0], output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"DataFolder":"a","DataFolder":"b"}""")]
    public async Task Names_the_settings_file_that_it_cannot_read(string text)
    {
        Directory.CreateDirectory(_folder);
        var file = Path.Combine(_folder, "appsettings.json");
        await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
        foreach (var command in new[] { "serve", "verify" })
        {
            var (exitCode, output) = await ServerProcess.CommandAsync(_folder, "", command, $"--contentRoot={_folder}");
            Assert.Equal(1, exitCode);
            Assert.Contains(file, output, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Refuses_a_key_file_that_others_may_read()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("File modes are Unix's.");
            return;
        }

        Directory.CreateDirectory(_folder);
        var file = Path.Combine(_folder, "signing.key");
        await File.WriteAllTextAsync(
            file, "a-signing-key-of-the-tests-0123456789", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        var (exitCode, output) = await ServerProcess.RunToEndAsync(_folder);
        Assert.Equal(1, exitCode);
        Assert.Contains($"chmod 600 {file}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_folder_that_another_server_holds_until_that_one_is_killed()
    {
        await using var first = await ServerProcess.StartAsync(_folder);
        var (exitCode, output) = await ServerProcess.RunToEndAsync(_folder);
        Assert.Equal(1, exitCode);
        Assert.Contains("Another server is running", output, StringComparison.Ordinal);
        await first.KillAsync();
        await using var second = await ServerProcess.StartAsync(_folder);
    }

    [Fact]
    public async Task Refuses_a_port_that_is_taken()
    {
        await using var first = await ServerProcess.StartAsync(_folder);
        var other = TestFolder.New();
        try
        {
            var (exitCode, output) = await ServerProcess.RunToEndAsync(other, $"Urls={first.Client.BaseAddress}");
            Assert.Equal(1, exitCode);
            Assert.Contains("in use", output, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        }
        finally
        {
            TestFolder.Delete(other);
        }
    }

    [Fact]
    public async Task Refuses_a_database_that_a_newer_program_wrote()
    {
        await using (var server = await ServerProcess.StartAsync(_folder))
            await server.KillAsync();
        await DatabaseTool.ExecuteAsync(
            Database, "INSERT INTO __EFMigrationsHistory VALUES ('99990101000000_FromTheFuture', '99.0')");
        var (exitCode, output) = await ServerProcess.RunToEndAsync(_folder);
        Assert.Equal(1, exitCode);
        Assert.Contains("99990101000000_FromTheFuture", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Starts_although_a_process_was_killed_while_it_migrated()
    {
        Directory.CreateDirectory(_folder);
        await DatabaseTool.ExecuteAsync(Database, """
            CREATE TABLE __EFMigrationsLock (
                Id INTEGER NOT NULL CONSTRAINT PK___EFMigrationsLock PRIMARY KEY, Timestamp TEXT NOT NULL);
            INSERT INTO __EFMigrationsLock VALUES (1, '2026-01-01 00:00:00');
            """);
        await using var server = await ServerProcess.StartAsync(_folder);
        await RegisterAsync(server.Client, "ada@example.com");
        Assert.Contains("Cleared a migration lock", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_file_that_is_no_database()
    {
        Directory.CreateDirectory(_folder);
        await File.WriteAllTextAsync(
            Database, new string('x', 10_000), TestContext.Current.CancellationToken);
        var (exitCode, output) = await ServerProcess.RunToEndAsync(_folder);
        Assert.Equal(1, exitCode);
        Assert.Contains("sliceapi.db", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serves_no_description_when_it_is_switched_off()
    {
        await using var server = await ServerProcess.StartAsync(_folder, "Docs:Enabled=false");
        string[] paths = ["/docs", "/docs/index.html", "/openapi/v1.json", "/data/sliceapi.db", "/appsettings.json"];
        foreach (var path in paths)
        {
            await Requests.SendAsync(server.Client, HttpMethod.Get, path)
                .ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        }
    }

    static async Task RegisterAsync(HttpClient client, string email)
        => await Requests.SendAsync(
            client,
            HttpMethod.Post,
            "/api/v1/auth/register",
            Requests.Json(JsonSerializer.Serialize(new { email, password = "a fine password", name = "Ada" })))
            .DataAsync(HttpStatusCode.Created);

    static async Task<string> LogInAsync(HttpClient client, string email, string password)
    {
        var data = await Requests.SendAsync(
            client,
            HttpMethod.Post,
            "/api/v1/auth/login",
            Requests.Json(JsonSerializer.Serialize(new { email, password })))
            .DataAsync(HttpStatusCode.OK);
        return data.GetProperty("accessToken").GetString()!;
    }
}
