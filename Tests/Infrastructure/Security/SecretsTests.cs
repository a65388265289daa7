using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Tests.Infrastructure.Security;

/// <summary>What the program must not leave behind, in its files and in what it prints at its most talkative.</summary>
public sealed class SecretsTests : IDisposable
{
    const string Password = "Tr0ub4dor-and-a-horse";
    const string OtherPassword = "correct-Battery-5taple";
    const string WrongPassword = "a-wr0ng-Passw0rd-here";
    const string AdminPassword = "0nly-the-Admin-knows";
    const string Ada = "ada-5entinel@example.com";
    const string Admin = "admin-5entinel@example.com";
    const string Header = "made-up-cr3dential-in-a-Header";

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    readonly string _folder = TestFolder.New();
    readonly List<string> _secrets = [Password, OtherPassword, WrongPassword, AdminPassword, Header];
    readonly List<byte[]> _signatures = [];

    public void Dispose() => TestFolder.Delete(_folder);

    [Fact]
    public async Task No_token_and_no_password_is_written_or_printed_in_any_form()
    {
        await using var server = await ServerProcess.StartAsync(
            _folder,
            "Logging:LogLevel:Default=Trace",
            "Logging:LogLevel:Microsoft=Trace",
            "Logging:LogLevel:FastEndpoints=Trace",
            $"Admin:Email={Admin}",
            $"Admin:Password={AdminPassword}");
        var ada = new { email = Ada, password = Password, name = "Ada" };
        await PostAsync(server, "register", ada, HttpStatusCode.Created);
        var access = "";
        for (var login = 0; login < 5; login++)
        {
            (access, var refresh) = await PairAsync(server, "login", new { email = Ada, password = Password });
            for (var exchange = 0; exchange < 3; exchange++)
                (access, refresh) = await PairAsync(server, "refresh", new { refreshToken = refresh });
        }

        // And where things go wrong.
        await PostAsync(server, "login", new { email = Ada, password = WrongPassword }, HttpStatusCode.Unauthorized);
        var strange = new { email = Ada, password = Password, other = OtherPassword };
        await PostAsync(server, "login", strange, HttpStatusCode.BadRequest);
        await SendAsync(server, "login", $$"""{"password":"{{Password}}",,}""", access, HttpStatusCode.BadRequest);
        await SendAsync(server, "logout", "{}", access + "x", HttpStatusCode.Unauthorized);
        await PostAsync(server, "refresh", new { refreshToken = access }, HttpStatusCode.Unauthorized);
        await SendAsync(
            server,
            "password",
            JsonSerializer.Serialize(new { currentPassword = Password, newPassword = OtherPassword }),
            access,
            HttpStatusCode.NoContent);

        await MoveMoneyAsync(server, access);
        await SendBadTokensAsync(server);

        // Once this has been printed, all before it has been.
        await ProveThatTheScanFindsAsync(server);
        var everything = Everything(server);
        Assert.DoesNotContain(_secrets, secret => IsIn(everything, secret));
        // Addresses are stored, of course.
        Assert.DoesNotContain([Ada, Admin], address => IsIn([Printed(server)], address));
        Assert.DoesNotContain(
            _signatures, signature => everything.Any(place => place.AsSpan().IndexOf(signature) >= 0));
    }

    // Text that the program does store, and text that it does print: every form of it is found.
    async Task ProveThatTheScanFindsAsync(ServerProcess server)
    {
        foreach (var disguise in new Func<string, string>[]
        {
            text => text,
            text => Convert.ToHexString(Encoding.UTF8.GetBytes(text)),
            text => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text)),
            text => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)),
            text => Convert.ToBase64String(Encoding.UTF8.GetBytes($"1{text}1")),
            text => Convert.ToBase64String(Encoding.UTF8.GetBytes($"22{text}22")),
        })
        {
            var (stored, printed) = (Guid.NewGuid().ToString("N")[..24], Guid.NewGuid().ToString("N")[..24]);
            Assert.False(IsIn(Everything(server), stored) || IsIn(Everything(server), printed));
            var body = new { email = $"{Guid.NewGuid():N}@example.com", password = Password, name = disguise(stored) };
            await PostAsync(server, "register", body, HttpStatusCode.Created);
            await Requests.SendAsync(
                server.Client,
                HttpMethod.Get,
                "/api/v1/nothing",
                null,
                ("X-Request-Id", disguise(printed).TrimEnd('=')));
            Assert.True(IsIn(Everything(server), stored), $"{disguise("text")} is not found where it is stored");
            await Wait.UntilAsync(
                () => Task.FromResult(IsIn(Everything(server), printed)),
                $"{disguise("text")} is found where it is printed");
        }
    }

    List<byte[]> Everything(ServerProcess server)
        =>
        [
            Printed(server),
            .. new DirectoryInfo(_folder).EnumerateFiles("*", SearchOption.AllDirectories)
                .Where(file => file.Length > 0).Select(file => Read(file.FullName)),
        ];

    // JSON writes a plus sign as an escape.
    static byte[] Printed(ServerProcess server)
        => Encoding.UTF8.GetBytes(server.Output.Replace("\\u002B", "+", StringComparison.Ordinal));

    // Although the program has it open.
    static byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    static bool IsIn(List<byte[]> places, string secret)
        => Forms(secret).Any(form => places.Any(place => place.AsSpan().IndexOf(form) >= 0));

    // As it is, in a URL, in UTF-16, in hexadecimal and, wherever it may stand in what was encoded, in base64.
    static IEnumerable<byte[]> Forms(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        yield return bytes;
        yield return Encoding.ASCII.GetBytes(Uri.EscapeDataString(secret));
        yield return Encoding.Unicode.GetBytes(secret);
        yield return Encoding.ASCII.GetBytes(Convert.ToHexString(bytes));
        yield return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes));
        for (var before = 0; before < 3; before++)
        {
            // Less the characters that hold bits of neighbours, too.
            var encoded = Convert.ToBase64String([.. new byte[before], .. bytes]);
            var own = encoded[((before * 8 + 5) / 6)..((before + bytes.Length) * 8 / 6)];
            yield return Encoding.ASCII.GetBytes(own);
            yield return Encoding.ASCII.GetBytes(own.Replace('+', '-').Replace('/', '_'));
        }
    }

    // All of each, and of what is particular to it a part that suffices to tell.
    void Keep(string access, string refresh)
    {
        _secrets.AddRange([access, refresh, access.Split('.')[2][..20], refresh[..20], refresh[32..52]]);
        // The signatures themselves, as a database would keep them.
        _signatures.Add(Base64Url.DecodeFromChars(access.Split('.')[2]));
        _signatures.Add(Base64Url.DecodeFromChars(refresh)[24..]);
    }

    async Task MoveMoneyAsync(ServerProcess server, string access)
    {
        var (admin, _) = await PairAsync(server, "login", new { email = Admin, password = AdminPassword });
        var account = JsonSerializer.Serialize(new { name = "An account", currency = "EUR" });
        var from = await CreateAsync(server, "accounts", access, account);
        var to = await CreateAsync(server, "accounts", access, account);
        await CreateAsync(server, $"accounts/{from}/deposits", admin, """{"amountMinor":100}""");
        await CreateAsync(
            server,
            "transfers",
            access,
            JsonSerializer.Serialize(new { fromAccountId = from, toAccountId = to, amountMinor = 1 }));
    }

    static async Task<Guid> CreateAsync(ServerProcess server, string path, string token, string json)
        => (await Requests.SendAsync(
            server.Client,
            HttpMethod.Post,
            $"/api/v1/{path}",
            Requests.Json(json),
            ("Authorization", $"Bearer {token}"),
            ("Idempotency-Key", Guid.NewGuid().ToString()))
            .DataAsync(HttpStatusCode.Created)).GetProperty("id").GetGuid();

    static async Task SendBadTokensAsync(ServerProcess server)
    {
        foreach (var bad in new[] { $"Bearer {Header}", $"Bearer a.{Header}.c", $"Basic {Header}", Header })
        {
            var answer = await Requests.SendAsync(
                server.Client, HttpMethod.Get, "/api/v1/users/me", null, ("Authorization", bad));
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }

        // No space may stand before the colon: the server refuses the request before anything of ours sees it.
        using var client = new TcpClient();
        await client.ConnectAsync(server.Client.BaseAddress!.Host, server.Client.BaseAddress.Port, Ct);
        await using var stream = client.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization : Bearer {Header}\r\n\r\n"),
            Ct);
        using var reader = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 400", await reader.ReadToEndAsync(Ct), StringComparison.Ordinal);
    }

    async Task<(string Access, string Refresh)> PairAsync(ServerProcess server, string action, object body)
    {
        var response = await PostAsync(server, action, body, HttpStatusCode.OK);
        var pair = await response.DataAsync(HttpStatusCode.OK);
        var (access, refresh) =
            (pair.GetProperty("accessToken").GetString()!, pair.GetProperty("refreshToken").GetString()!);
        Keep(access, refresh);
        return (access, refresh);
    }

    static Task<HttpResponseMessage> PostAsync(
        ServerProcess server, string action, object body, HttpStatusCode expected)
        => SendAsync(server, action, JsonSerializer.Serialize(body), null, expected);

    static async Task<HttpResponseMessage> SendAsync(
        ServerProcess server, string action, string json, string? token, HttpStatusCode expected)
    {
        (string, string)[] headers = token is null ? [] : [("Authorization", $"Bearer {token}")];
        var path = $"/api/v1/auth/{action}";
        var response = await Requests.SendAsync(server.Client, HttpMethod.Post, path, Requests.Json(json), headers);
        Assert.Equal(expected, response.StatusCode);
        return response;
    }
}
