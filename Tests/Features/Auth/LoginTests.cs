using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace Tests.Features.Auth;

public sealed class LoginTests(App app)
{
    const string Route = "/api/v1/auth/login";

    [Fact]
    public async Task Gives_a_pair_of_tokens_for_the_right_password()
    {
        var person = await app.PersonAsync();
        var pair = await (await LogInAsync(person.Email, person.Password)).DataAsync(HttpStatusCode.OK);

        Assert.Equal(
            ["accessToken", "expiresIn", "refreshExpiresIn", "refreshToken", "tokenType"],
            pair.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal("Bearer", pair.GetProperty("tokenType").GetString());
        Assert.Equal(900, pair.GetProperty("expiresIn").GetInt32());
        Assert.Equal(604_800, pair.GetProperty("refreshExpiresIn").GetInt32());
        var access = pair.GetProperty("accessToken").GetString()!;
        var me = await app.GetAsync("/api/v1/users/me", access).DataAsync(HttpStatusCode.OK);
        Assert.Equal(person.Id, me.GetProperty("id").GetGuid());
    }

    [Fact]
    public async Task Puts_into_the_access_token_what_the_gate_asks_for_and_no_secret()
    {
        var person = await app.PersonAsync();
        var (access, refresh) = await app.LogInAsync(person);
        var claims = Jwt.Payload(access);

        Assert.Equal(
            ["aud", "email", "exp", "iat", "iss", "jti", "nbf", "role", "sid", "sub", "type"],
            claims.Select(c => c.Key).Order());
        Assert.Equal(person.Id.ToString(), claims["sub"]!.GetValue<string>());
        Assert.Equal("access", claims["type"]!.GetValue<string>());
        Assert.Equal(900, claims["exp"]!.GetValue<long>() - claims["iat"]!.GetValue<long>());
        Assert.Matches("^[A-Za-z0-9_-]{75}$", refresh);
    }

    [Fact]
    public async Task Starts_a_session_of_its_own_for_each_login()
    {
        var person = await app.PersonAsync();
        var (one, other) = (await app.LogInAsync(person), await app.LogInAsync(person));
        Assert.NotEqual(one.Refresh, other.Refresh);
        Assert.Equal(2, await SessionsAsync(person));
    }

    [Fact]
    public async Task Answers_an_unknown_address_and_a_wrong_password_alike()
    {
        var person = await app.PersonAsync();
        var wrong = LogInAsync(person.Email, "not the password");
        var unknown = LogInAsync($"{Guid.NewGuid():N}@example.com", "not the password");

        await wrong.ErrorAsync(HttpStatusCode.Unauthorized, "INVALID_CREDENTIALS");
        Assert.Equal(await wrong.BlankedAsync(), await unknown.BlankedAsync());
        Assert.Equal(0, await SessionsAsync(person));
    }

    [Theory]
    [InlineData("{}", "email", "password")]
    [InlineData("", "email", "password")]
    [InlineData("""{"email":"x","password":""}""", "email", "password")]
    [InlineData("""{"email":"a@example.com","password":12345678}""", "password")]
    [InlineData("""{"email":"a@example.com","password":"a fine password","remember":true}""", "remember")]
    [InlineData("""{"email":"a@example.com","password":"a fine password","device":"a\u001bb"}""", "device")]
    [InlineData("""{"email":"a@example.com","password":"a fine password","device":7}""", "device")]
    public async Task Refuses_a_body_that_is_not_as_it_should_be(string body, params string[] fields)
        => Assert.Equal(fields, await (await app.PostAsync(Route, body)).RefusedFieldsAsync());

    [Fact]
    public async Task Refuses_a_device_or_password_that_is_too_long()
    {
        var person = await app.PersonAsync();
        var body = JsonSerializer.Serialize(
            new { email = person.Email, password = new string('p', 129), device = new string('d', 101) });
        Assert.Equal(["device", "password"], await (await app.PostAsync(Route, body)).RefusedFieldsAsync());
    }

    [Fact]
    public async Task Knows_an_address_in_every_spelling_that_register_takes_for_the_same()
    {
        var unique = Guid.NewGuid().ToString("N");
        var person = await app.PersonAsync($"É.{unique}@Example.com");
        foreach (var same in new[] { "é", "É", "E\u0301", "e\u0301" })
            await (await LogInAsync($"{same}.{unique}@example.com", person.Password)).DataAsync(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("a fine password", "a fine password ")]
    [InlineData("a fine password", "A fine password")]
    [InlineData("fine words", "ﬁne words")]
    [InlineData("fine words", "fine\u200B words")]
    public async Task Never_takes_one_password_for_another(string password, string other)
    {
        var person = await app.PersonAsync(password: password);
        var response = await LogInAsync(person.Email, other);
        await response.ErrorAsync(HttpStatusCode.Unauthorized, "INVALID_CREDENTIALS");
    }

    [Fact]
    public async Task Compares_passwords_to_their_last_character()
    {
        var person = await app.PersonAsync(password: new string('p', 99) + "a");
        await (await LogInAsync(person.Email, new string('p', 99) + "b"))
            .ErrorAsync(HttpStatusCode.Unauthorized, "INVALID_CREDENTIALS");
        await (await LogInAsync(person.Email, new string('p', 99) + "a")).DataAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Takes_composed_and_decomposed_letters_for_the_same()
    {
        var person = await app.PersonAsync(password: "caf\u00e9 de Flore");
        await (await LogInAsync(person.Email, "cafe\u0301 de Flore")).DataAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Hashes_again_when_the_settings_ask_for_more_than_the_stored_hash_cost()
    {
        var person = await app.PersonAsync();
        var weaker = Isopoh.Cryptography.Argon2.Argon2.Hash(
            person.Password, 1, 32, 1, Isopoh.Cryptography.Argon2.Argon2Type.HybridAddressing, 32);
        await app.WriteAsync(db => db.Users
            .Where(u => u.Id == person.Id)
            .ExecuteUpdateAsync(u => u.SetProperty(x => x.PasswordHash, weaker)));

        await (await LogInAsync(person.Email, "not the password"))
            .ErrorAsync(HttpStatusCode.Unauthorized, "INVALID_CREDENTIALS");
        Assert.Equal(weaker, await HashAsync(person));
        var logins = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => LogInAsync(person.Email, person.Password)));
        foreach (var login in logins)
            await login.DataAsync(HttpStatusCode.OK);
        Assert.StartsWith("$argon2id$v=19$m=64,t=1,p=1$", await HashAsync(person), StringComparison.Ordinal);
        Assert.Equal(20, await SessionsAsync(person));
        await (await LogInAsync(person.Email, person.Password)).DataAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Is_not_disturbed_by_a_bad_token_in_the_header()
    {
        var person = await app.PersonAsync();
        var response = await app.SendAsync(
            HttpMethod.Post,
            Route,
            Requests.Json(JsonSerializer.Serialize(new { email = person.Email, password = person.Password })),
            ("Authorization", "Bearer nonsense"));
        await response.DataAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Stores_nothing_that_could_be_used_as_a_token()
    {
        var person = await app.PersonAsync();
        var (access, refresh) = await app.LogInAsync(person);
        var session = await app.InDatabaseAsync(
            db => db.Sessions.SingleAsync(s => s.UserId == person.Id, TestContext.Current.CancellationToken));
        var stored = JsonSerializer.Serialize(session);
        Assert.DoesNotContain(refresh[..20], stored, StringComparison.Ordinal);
        Assert.DoesNotContain(access[..20], stored, StringComparison.Ordinal);
    }

    Task<HttpResponseMessage> LogInAsync(string email, string password)
        => app.PostAsync(Route, JsonSerializer.Serialize(new { email, password }));

    Task<int> SessionsAsync(Person person)
        => app.InDatabaseAsync(
            db => db.Sessions.CountAsync(s => s.UserId == person.Id, TestContext.Current.CancellationToken));

    Task<string> HashAsync(Person person)
        => app.InDatabaseAsync(db => db.Users
            .Where(u => u.Id == person.Id)
            .Select(u => u.PasswordHash)
            .SingleAsync(TestContext.Current.CancellationToken));
}
