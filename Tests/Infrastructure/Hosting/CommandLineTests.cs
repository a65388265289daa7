namespace Tests.Infrastructure.Hosting;

/// <summary>The program's commands, run as from a shell.</summary>
public sealed class CommandLineTests : IDisposable
{
    const string Email = "root@example.com";
    const string Password = "a fine password";

    readonly string _folder = TestFolder.New();

    string Database => Path.Combine(_folder, "sliceapi.db");

    public void Dispose() => TestFolder.Delete(_folder);

    [Fact]
    public async Task Says_what_it_can_do_and_which_version_it_is()
    {
        var (code, help) = await RunAsync("--help");
        Assert.Equal(0, code);
        foreach (var command in new[] { "serve", "migrate", "admin", "backup", "restore", "seed", "verify" })
            Assert.Contains(command, help, StringComparison.Ordinal);
        (code, var version) = await RunAsync("--version");
        Assert.Equal(0, code);
        Assert.Matches(@"^\d+\.\d+\.\d+\s*$", version);
    }

    [Theory]
    [InlineData("serv")]
    [InlineData("--bakup")]
    [InlineData("admin", "create")]
    [InlineData("backup")]
    [InlineData("backup", "-x")]
    [InlineData("backup", "")]
    [InlineData("restore", "")]
    public async Task Refuses_what_it_does_not_know(params string[] arguments)
    {
        var (code, output) = await RunAsync(arguments);
        Assert.Equal(1, code);
        Assert.NotEmpty(output);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Makes_an_administrator_who_can_log_in()
    {
        await using (var server = await ServerProcess.StartAsync(_folder))
            Assert.Contains("sliceapi admin create", server.Output, StringComparison.Ordinal);
        var (code, output) = await CreateAsync();
        Assert.True(code == 0, output);
        Assert.DoesNotContain(Password, output, StringComparison.Ordinal);
        await using (var server = await ServerProcess.StartAsync(_folder))
        {
            Assert.DoesNotContain("sliceapi admin create", server.Output, StringComparison.Ordinal);
            var token = await server.LogInAsync(Email, Password);
            Assert.Equal(HttpStatusCode.OK, await AuditStatusAsync(server.Client, token));
        }

        (code, output) = await CreateAsync();
        Assert.Equal(1, code);
        Assert.Contains("names a user who exists", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gives_an_administrator_another_password_and_ends_the_sessions()
    {
        await CreateAsync();
        string token;
        await using (var server = await ServerProcess.StartAsync(_folder))
        {
            token = await server.LogInAsync(Email, Password);
            await Requests.SendAsync(
                server.Client, HttpMethod.Post, "/api/v1/auth/register",
                Requests.Json($$"""{"email":"ada@example.com","password":"{{Password}}","name":"Ada"}"""))
                .DataAsync(HttpStatusCode.Created);
        }

        var (code, output) = await ServerProcess.CommandAsync(
            _folder, "another fine password", "admin", "reset-password", "--email", Email);
        Assert.True(code == 0, output);
        await using (var server = await ServerProcess.StartAsync(_folder))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await AuditStatusAsync(server.Client, token));
            await server.LogInAsync(Email, "another fine password");
        }

        (string Email, string Password)[] refused =
            [("nobody@example.com", Password), ("ada@example.com", Password), (Email, "short")];
        foreach (var (email, password) in refused)
        {
            (code, _) = await ServerProcess.CommandAsync(
                _folder, password, "admin", "reset-password", "--email", email);
            Assert.Equal(1, code);
        }
    }

    [Theory]
    [InlineData("password", Email, "Password")]
    [InlineData("short", Email, "Password")]
    [InlineData(Password, "root", "Email")]
    public async Task Makes_no_administrator_of_what_is_no_account(string password, string email, string named)
    {
        var (code, output) = await ServerProcess.CommandAsync(_folder, password, "admin", "create", "--email", email);
        Assert.Equal(1, code);
        Assert.Contains(named, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Takes_a_password_from_nowhere_but_its_input()
    {
        string[] command = ["admin", "create", "--email", Email];
        var (code, output) = await ServerProcess.CommandByAsync(
            ["sh", "-c", "exec \"$0\" \"$@\" < /dev/null"], _folder, command);
        Assert.Equal(1, code);
        Assert.Contains("No password came", output, StringComparison.Ordinal);
        (code, output) = await RunAsync([.. command, $"--Password={Password}"]);
        Assert.Equal(1, code);
        Assert.Contains("no command or setting '--Password'", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_in_a_line_that_its_output_takes_no_more()
    {
        var (code, output) = await ServerProcess.CommandByAsync(
            ["sh", "-c", "exec \"$0\" \"$@\" > /dev/full"], _folder, "seed");
        Assert.Equal(1, code);
        Assert.Single(output.TrimEnd().Split('\n'));
        Assert.Equal(0, (await RunAsync("verify")).ExitCode);
    }

    [Fact]
    public async Task Does_not_write_beside_a_server()
    {
        await using var server = await ServerProcess.StartAsync(_folder);
        string[][] commands = [["migrate"], ["admin", "create", "--email", Email], ["seed"], ["restore", Database]];
        foreach (var command in commands)
        {
            var (code, output) = await ServerProcess.CommandAsync(_folder, Password, command);
            Assert.Equal(1, code);
            Assert.Contains("Another server is running", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Verifies_what_is_whole_and_names_what_is_not()
    {
        await CreateAsync();
        var (code, output) = await RunAsync("verify");
        Assert.True(code == 0, output);
        Assert.DoesNotContain("LogLevel", output, StringComparison.Ordinal);
        await DatabaseTool.ExecuteAsync(Database, """
            INSERT INTO Accounts (Id, Kind, Name, Currency, BalanceMinor, EntryCount, CreatedAt)
            VALUES (randomblob(16), 3, 'Shop', 'EUR', 5, 0, 0);
            INSERT INTO Outbox (Entity, Name, Payload, CreatedAt, Attempts, NextTryAt, ParkedAt)
            VALUES (x'01', 'a', '{}', 0, 10, 0, 1)
            """);
        (code, output) = await RunAsync("verify");
        Assert.Equal(1, code);
        Assert.Contains("account_balance", output, StringComparison.Ordinal);
        Assert.Contains("1 events were given up", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fills_an_empty_database_with_something_to_look_at_and_no_other()
    {
        var (code, output) = await RunAsync("seed");
        Assert.True(code == 0, output);
        var admin = output.Split('\n').Single(line => line.StartsWith("admin@example.com", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(0, (await RunAsync("verify")).ExitCode);
        await using (var server = await ServerProcess.StartAsync(_folder))
        {
            var token = await server.LogInAsync(admin[0], admin[1]);
            foreach (var list in new[] { "users", "products", "orders", "accounts" })
            {
                var rows = await Requests.SendAsync(
                    server.Client, HttpMethod.Get, $"/api/v1/{list}", null, ("Authorization", $"Bearer {token}"))
                    .DataAsync(HttpStatusCode.OK);
                Assert.NotEmpty(rows.EnumerateArray());
            }
        }

        (code, output) = await RunAsync("seed");
        Assert.Equal(1, code);
        Assert.Contains("not empty", output, StringComparison.Ordinal);
    }

    Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
        => ServerProcess.CommandAsync(_folder, "", arguments);

    Task<(int ExitCode, string Output)> CreateAsync()
        => ServerProcess.CommandAsync(_folder, Password, "admin", "create", "--email", Email);

    static async Task<HttpStatusCode> AuditStatusAsync(HttpClient client, string token)
        => (await Requests.SendAsync(
            client, HttpMethod.Get, "/api/v1/ledger/verify", null, ("Authorization", $"Bearer {token}"))).StatusCode;
}
