using System.Buffers.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using SliceApi.Infrastructure.Persistence.Entities;
using SliceApi.Infrastructure.Security;

namespace Tests.Features.Auth;

public sealed class RefreshTests(App app)
{
    const string Route = "/api/v1/auth/refresh";
    const string Me = "/api/v1/users/me";

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Gives_a_new_pair_for_the_same_session()
    {
        var first = await app.LogInAsync(await app.PersonAsync());
        var pair = await RefreshAsync(first.Refresh).DataAsync(HttpStatusCode.OK);

        Assert.Equal(
            ["accessToken", "expiresIn", "refreshExpiresIn", "refreshToken", "tokenType"],
            pair.EnumerateObject().Select(member => member.Name).Order());
        var (access, refresh) =
            (pair.GetProperty("accessToken").GetString()!, pair.GetProperty("refreshToken").GetString()!);
        Assert.NotEqual(first.Refresh, refresh);
        Assert.Equal(SessionOf(first.Access), SessionOf(access));
        await app.GetAsync(Me, access).DataAsync(HttpStatusCode.OK);
        Assert.Equal(1, (await SessionAsync(access)).Counter);
    }

    [Fact]
    public async Task Answers_the_previous_token_with_the_same_next_one_for_a_while()
    {
        var first = await app.LogInAsync(await app.PersonAsync());
        var next = await NextAsync(first.Refresh);
        for (var i = 0; i < Session.MaxGraceUses; i++)
            Assert.Equal(next, await NextAsync(first.Refresh));
        Assert.Equal(1, (await SessionAsync(first.Access)).Counter);

        // Not without end: somebody who keeps sending it is no lost response.
        await RefreshAsync(first.Refresh).ErrorAsync(HttpStatusCode.Unauthorized, "REUSE_DETECTED");
    }

    [Fact]
    public async Task Gives_everybody_who_sends_one_token_at_once_the_same_next_one()
    {
        var first = await app.LogInAsync(await app.PersonAsync());
        var responses = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => RefreshAsync(first.Refresh)));
        var tokens = new HashSet<string>();
        foreach (var response in responses)
            tokens.Add((await response.DataAsync(HttpStatusCode.OK)).GetProperty("refreshToken").GetString()!);
        Assert.Single(tokens);
        Assert.Equal(1, (await SessionAsync(first.Access)).Counter);
    }

    [Fact]
    public async Task Ends_the_session_when_an_old_token_comes_back_and_leaves_the_others_alone()
    {
        var person = await app.PersonAsync();
        var (other, first) = (await app.LogInAsync(person), await app.LogInAsync(person));
        var second = await NextAsync(first.Refresh);
        var third = await NextAsync(second);
        await app.GetAsync(Me, first.Access).DataAsync(HttpStatusCode.OK);

        await RefreshAsync(first.Refresh).ErrorAsync(HttpStatusCode.Unauthorized, "REUSE_DETECTED");
        await RefreshAsync(third).ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
        await RefreshAsync(first.Refresh).ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
        await app.GetAsync(Me, first.Access).ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
        await app.GetAsync(Me, other.Access).DataAsync(HttpStatusCode.OK);
        await RefreshAsync(other.Refresh).DataAsync(HttpStatusCode.OK);
        await Wait.UntilAsync(
            async () => await app.InDatabaseAsync(
                db => db.AuditEntries.CountAsync(e => e.Entity == SessionOf(first.Access), Ct)) == 1,
            "the reuse is in the audit log, once");
    }

    [Fact]
    public async Task Ends_the_session_when_the_previous_token_comes_too_late()
    {
        var first = await app.LogInAsync(await app.PersonAsync());
        await NextAsync(first.Refresh);
        var late = DateTimeOffset.UtcNow - TimeSpan.FromSeconds(10.1);
        await ChangeAsync(first.Access, s => s.SetProperty(x => x.RotatedAt, late));
        await RefreshAsync(first.Refresh).ErrorAsync(HttpStatusCode.Unauthorized, "REUSE_DETECTED");
    }

    [Fact]
    public async Task Starts_the_grace_again_when_the_clock_was_set_back_but_does_not_stretch_it()
    {
        var first = await app.LogInAsync(await app.PersonAsync());
        await NextAsync(first.Refresh);
        var future = DateTimeOffset.UtcNow + TimeSpan.FromHours(1);
        await ChangeAsync(first.Access, s => s.SetProperty(x => x.RotatedAt, future));
        await NextAsync(first.Refresh);
        Assert.True((await SessionAsync(first.Access)).RotatedAt <= DateTimeOffset.UtcNow);
    }

    [Theory]
    [InlineData(8, 0)]
    [InlineData(0, 91)]
    public async Task Says_that_a_session_has_expired_when_it_was_unused_too_long_or_is_too_old(
        int daysUnused, int daysOld)
    {
        var first = await app.LogInAsync(await app.PersonAsync());
        var now = DateTimeOffset.UtcNow;
        await ChangeAsync(first.Access, s => s
            .SetProperty(x => x.LastUsedAt, now - TimeSpan.FromDays(daysUnused))
            .SetProperty(x => x.CreatedAt, now - TimeSpan.FromDays(daysOld)));
        await RefreshAsync(first.Refresh).ErrorAsync(HttpStatusCode.Unauthorized, "TOKEN_EXPIRED");
        Assert.Equal(0, (await SessionAsync(first.Access)).Counter);
    }

    [Fact]
    public async Task Refuses_whatever_was_not_made_here_and_ends_nothing_for_it()
    {
        var person = await app.PersonAsync();
        var (mine, other) = (await app.LogInAsync(person), await app.LogInAsync(await app.PersonAsync()));
        var bytes = Base64Url.DecodeFromChars(mine.Refresh);
        var forged = new List<string>
        {
            "x", mine.Refresh[..^1], mine.Refresh + "A", mine.Refresh + "\n", " " + mine.Refresh, mine.Access,
            Base64Url.EncodeToString([.. bytes[..24], .. Base64Url.DecodeFromChars(other.Refresh)[24..]]),
            new string('A', 75), new string('A', 500_000),
        };
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var flipped = bytes.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            forged.Add(Base64Url.EncodeToString(flipped));
        }

        // Other spellings of the last character's unused bits.
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        forged.AddRange(alphabet.Select(last => mine.Refresh[..^1] + last).Where(token => token != mine.Refresh));

        foreach (var token in forged)
            await RefreshAsync(token).ErrorAsync(HttpStatusCode.Unauthorized, "INVALID_TOKEN");
        await RefreshAsync(mine.Refresh).DataAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Does_not_take_a_token_from_a_newer_copy_of_the_database_for_a_stolen_one()
    {
        var first = await app.LogInAsync(await app.PersonAsync());
        var tokens = app.Services.GetRequiredService<Tokens>();
        foreach (var ahead in new[] { 1, 100 })
        {
            await RefreshAsync(tokens.Refresh(SessionOf(first.Access), ahead))
                .ErrorAsync(HttpStatusCode.Unauthorized, "INVALID_TOKEN");
        }

        await RefreshAsync(first.Refresh).DataAsync(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("{}", "refreshToken")]
    [InlineData("", "refreshToken")]
    [InlineData("null", "refreshToken")]
    [InlineData("[]", "body")]
    [InlineData("""{"refreshToken":""}""", "refreshToken")]
    [InlineData("""{"refreshToken":null}""", "refreshToken")]
    [InlineData("""{"refreshToken":5}""", "refreshToken")]
    [InlineData("""{"token":"x"}""", "token")]
    public async Task Refuses_a_body_that_is_not_as_it_should_be(string body, string field)
        => Assert.Equal([field], await app.PostAsync(Route, body).RefusedFieldsAsync());

    [Fact]
    public async Task Is_not_disturbed_by_an_expired_token_in_the_header()
    {
        var first = await app.LogInAsync(await app.PersonAsync());
        var expired = Jwt.With(first.Access, p => p["exp"] = 1);
        var response = await app.SendAsync(
            HttpMethod.Post, Route, Body(first.Refresh), ("Authorization", $"Bearer {expired}"));
        await response.DataAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Says_that_the_session_of_a_deleted_user_has_ended()
    {
        var person = await app.PersonAsync();
        var first = await app.LogInAsync(person);
        await app.WriteAsync(db => db.Users.Where(u => u.Id == person.Id).ExecuteDeleteAsync());
        await RefreshAsync(first.Refresh).ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
    }

    [Fact]
    public async Task Never_succeeds_after_the_answer_to_logout()
    {
        for (var round = 0; round < 50; round++)
        {
            var first = await app.LogInAsync(await app.PersonAsync());
            var refresh = RefreshAsync(first.Refresh);
            var logout = app.SendAsync(
                HttpMethod.Post, "/api/v1/auth/logout", null, ("Authorization", $"Bearer {first.Access}"));
            Assert.Equal(HttpStatusCode.NoContent, (await logout).StatusCode);
            var after = RefreshAsync(first.Refresh);
            if ((await refresh).StatusCode != HttpStatusCode.OK)
                await refresh.ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
            await after.ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
        }
    }

    [Fact]
    public async Task Without_grace_one_of_many_succeeds_and_the_session_ends()
    {
        var folder = TestFolder.New();
        await using (var server = await ServerProcess.StartAsync(folder, "Sessions:RefreshGraceSeconds=0"))
        {
            var person = JsonSerializer.Serialize(
                new { email = "ada@example.com", password = "a fine password", name = "Ada" });
            await SendAsync("/api/v1/auth/register", person).DataAsync(HttpStatusCode.Created);
            var credentials = """{"email":"ada@example.com","password":"a fine password"}""";
            var login = await SendAsync("/api/v1/auth/login", credentials).DataAsync(HttpStatusCode.OK);
            var token = login.GetProperty("refreshToken").GetString()!;

            var responses = await Task.WhenAll(Enumerable.Range(0, 50)
                .Select(_ => SendAsync(Route, JsonSerializer.Serialize(new { refreshToken = token }))));
            var winner = await Assert.Single(responses, r => r.StatusCode == HttpStatusCode.OK)
                .DataAsync(HttpStatusCode.OK);
            Assert.Equal(49, responses.Count(r => r.StatusCode == HttpStatusCode.Unauthorized));
            var next = JsonSerializer.Serialize(new { refreshToken = winner.GetProperty("refreshToken").GetString() });
            await SendAsync(Route, next).ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");

            Task<HttpResponseMessage> SendAsync(string path, string json)
                => Requests.SendAsync(server.Client, HttpMethod.Post, path, Requests.Json(json));
        }

        TestFolder.Delete(folder);
    }

    Task<HttpResponseMessage> RefreshAsync(string token) => app.SendAsync(HttpMethod.Post, Route, Body(token));

    async Task<string> NextAsync(string token)
        => (await RefreshAsync(token).DataAsync(HttpStatusCode.OK)).GetProperty("refreshToken").GetString()!;

    Task<Session> SessionAsync(string access)
    {
        var id = SessionOf(access);
        return app.InDatabaseAsync(db => db.Sessions.SingleAsync(s => s.Id == id, Ct));
    }

    Task ChangeAsync(string access, Action<Microsoft.EntityFrameworkCore.Query.UpdateSettersBuilder<Session>> set)
    {
        var id = SessionOf(access);
        return app.WriteAsync(db => db.Sessions.Where(s => s.Id == id).ExecuteUpdateAsync(set));
    }

    static HttpContent Body(string token) => Requests.Json(JsonSerializer.Serialize(new { refreshToken = token }));

    static Guid SessionOf(string access) => Guid.Parse(Jwt.Payload(access)["sid"]!.GetValue<string>());
}
