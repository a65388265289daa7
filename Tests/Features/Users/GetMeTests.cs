using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;

namespace Tests.Features.Users;

public sealed class GetMeTests(App app)
{
    const string Route = "/api/v1/users/me";

    [Fact]
    public async Task Tells_who_the_caller_is()
    {
        var (person, token) = await app.SignedInAsync();
        var me = await (await app.GetAsync(Route, token)).DataAsync(HttpStatusCode.OK);
        Assert.Equal(
            ["createdAt", "email", "id", "name", "roles", "updatedAt", "version"],
            me.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal(person.Id, me.GetProperty("id").GetGuid());
        Assert.Equal(person.Email, me.GetProperty("email").GetString());
    }

    [Fact]
    public async Task Carries_an_etag_and_answers_304_to_whoever_has_it()
    {
        var (_, token) = await app.SignedInAsync();
        var first = await app.GetAsync(Route, token);
        Assert.Equal("\"1\"", first.Headers.ETag?.ToString());

        foreach (var (tags, known) in new[]
        {
            ("\"1\"", true), ("W/\"1\"", true), ("\"0\", \"1\"", true), ("*", true), ("\"2\"", false), ("1", false),
        })
        {
            var again = await app.SendAsync(
                HttpMethod.Get, Route, null, ("Authorization", $"Bearer {token}"), ("If-None-Match", tags));
            Assert.Equal(known ? HttpStatusCode.NotModified : HttpStatusCode.OK, again.StatusCode);
            Assert.Equal("\"1\"", again.Headers.ETag?.ToString());
            var body = await again.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.Equal(known, body.Length == 0);
        }
    }

    [Fact]
    public async Task Is_asked_of_the_database_once()
    {
        var (person, token) = await app.SignedInAsync();
        await app.GetAsync(Route, token);
        // Beside the slices, so that nothing drops what the cache holds.
        await app.WriteAsync(db => db.Users
            .Where(u => u.Id == person.Id)
            .ExecuteUpdateAsync(u => u.SetProperty(x => x.Name, "Changed")));
        var me = await (await app.GetAsync(Route, token)).DataAsync(HttpStatusCode.OK);
        Assert.Equal("Somebody", me.GetProperty("name").GetString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Basic YTpi")]
    [InlineData("basic")]
    [InlineData("Bearer")]
    public async Task Asks_to_sign_in_when_there_is_no_token(string? authorization)
    {
        var response = authorization is null
            ? await app.SendAsync(HttpMethod.Get, Route)
            : await app.SendAsync(HttpMethod.Get, Route, null, ("Authorization", authorization));
        await response.ErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task Takes_the_token_from_the_header_alone_in_whatever_case_the_scheme_is_written()
    {
        var (_, token) = await app.SignedInAsync();
        foreach (var scheme in new[] { "bearer", "BEARER" })
        {
            await (await app.SendAsync(HttpMethod.Get, Route, null, ("Authorization", $"{scheme} {token}")))
                .DataAsync(HttpStatusCode.OK);
        }

        await (await app.SendAsync(HttpMethod.Get, $"{Route}?access_token={token}"))
            .ErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        await (await app.SendAsync(HttpMethod.Get, Route, null, ("Cookie", $"access_token={token}")))
            .ErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    public static TheoryData<string> Refused => [.. RefusedTokens.Keys];

    static readonly Dictionary<string, Func<string, string, string>> RefusedTokens = new()
    {
        ["nothing like a token"] = (_, _) => "nonsense",
        ["two tokens"] = (token, _) => $"{token} {token}",
        ["two headers' worth"] = (token, _) => $"{token}, Bearer {token}",
        ["no algorithm"] = (token, _) => $"{Jwt.Encode("""{"alg":"none"}""")}.{token.Split('.')[1]}.",
        ["no algorithm, signature kept"] = (token, _)
            => $"{Jwt.Encode("""{"alg":"none"}""")}.{token.Split('.')[1]}.{token.Split('.')[2]}",
        ["another algorithm with the right key"] = (token, _)
            => Jwt.With(token, _ => { }, """{"alg":"HS512","typ":"JWT"}"""),
        ["signed with another key"] = (token, _) => Jwt.Sign(
            """{"alg":"HS256","typ":"JWT"}""", Jwt.Payload(token).ToJsonString(), new string('k', 32) + "ey"),
        ["a changed payload"] = (token, _)
            => $"{token.Split('.')[0]}.{Jwt.Encode("""{"sub":"x"}""")}.{token.Split('.')[2]}",
        ["a cut signature"] = (token, _) => token[..^1],
        ["20 KB, rightly signed"] = (token, _) => Jwt.With(token, p => p["pad"] = new string('x', 15_000)),
        ["no expiry"] = (token, _) => Jwt.With(token, p => p.Remove("exp")),
        ["not yet valid"] = (token, _) => Jwt.With(token, p => p["nbf"] = Now + 120),
        ["issued in the future"] = (token, _) => Jwt.With(token, p => p["iat"] = Now + 3600),
        ["issued at no time"] = (token, _) => Jwt.With(token, p => p.Remove("iat")),
        ["another issuer"] = (token, _) => Jwt.With(token, p => p["iss"] = "SliceApi"),
        ["no issuer"] = (token, _) => Jwt.With(token, p => p.Remove("iss")),
        ["issuers"] = (token, _) => Jwt.With(token, p => p["iss"] = new JsonArray("sliceapi")),
        ["another audience"] = (token, _) => Jwt.With(token, p => p["aud"] = "other"),
        ["other audiences"] = (token, _) => Jwt.With(token, p => p["aud"] = new JsonArray("other")),
        ["no audience"] = (token, _) => Jwt.With(token, p => p.Remove("aud")),
        ["an audience that is no text"] = (token, _) => Jwt.With(token, p => p["aud"] = new JsonObject()),
        ["no type"] = (token, _) => Jwt.With(token, p => p.Remove("type")),
        ["another type"] = (token, _) => Jwt.With(token, p => p["type"] = "refresh"),
        ["the type in capitals"] = (token, _) => Jwt.With(token, p => p["type"] = "ACCESS"),
        ["types"] = (token, _) => Jwt.With(token, p => p["type"] = new JsonArray("access")),
        ["a header of another type"] = (token, _)
            => Jwt.With(token, _ => { }, """{"alg":"HS256","typ":"refresh+jwt"}"""),
        ["a session that is no id"] = (token, _) => Jwt.With(token, p => p["sid"] = "1"),
        ["no subject"] = (token, _) => Jwt.With(token, p => p.Remove("sub")),
        ["another user's id"] = (token, _) => Jwt.With(token, p => p["sub"] = Guid.CreateVersion7().ToString()),
        ["a refresh token"] = (_, refresh) => refresh,
    };

    static long Now => DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Refuses_a_token_that_is(string what)
    {
        var (access, refresh) = await app.LogInAsync(await app.PersonAsync());
        var response = await app.GetAsync(Route, RefusedTokens[what](access, refresh));
        await response.ErrorAsync(HttpStatusCode.Unauthorized, "INVALID_TOKEN");
        Assert.Contains(
            "error=\"invalid_token\"", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Takes_a_token_for_several_audiences_when_this_one_is_among_them()
    {
        var (_, token) = await app.SignedInAsync();
        var several = Jwt.With(token, p => p["aud"] = new JsonArray("other", "sliceapi"));
        await (await app.GetAsync(Route, several)).DataAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Allows_a_minute_between_clocks_and_then_says_that_a_token_has_expired()
    {
        var (_, token) = await app.SignedInAsync();
        await (await app.GetAsync(Route, Jwt.With(token, p => p["exp"] = Now - 30))).DataAsync(HttpStatusCode.OK);
        var response = await app.GetAsync(Route, Jwt.With(token, p => p["exp"] = Now - 90));
        await response.ErrorAsync(HttpStatusCode.Unauthorized, "TOKEN_EXPIRED");
    }

    [Fact]
    public async Task Says_that_a_session_has_ended_when_it_has_or_never_was()
    {
        var (person, token) = await app.SignedInAsync();
        var unknown = Jwt.With(token, p => p["sid"] = Guid.CreateVersion7().ToString());
        await (await app.GetAsync(Route, unknown)).ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");

        // Deleting the user ends the sessions with it; nothing has asked for this session yet, so no cache knows it.
        await app.WriteAsync(db => db.Users.Where(u => u.Id == person.Id).ExecuteDeleteAsync());
        await (await app.GetAsync(Route, token)).ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
    }

    [Fact]
    public async Task Takes_roles_from_the_database_not_from_the_token()
    {
        var (_, token) = await app.SignedInAsync();
        var forged = Jwt.With(token, p => p["role"] = new JsonArray("user", "admin"));
        var me = await (await app.GetAsync(Route, forged)).DataAsync(HttpStatusCode.OK);
        Assert.Equal("user", Assert.Single(me.GetProperty("roles").EnumerateArray()).GetString());
    }
}
