using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Persistence.Entities;

namespace Tests.Features.Auth;

public sealed class ListSessionsTests(App app)
{
    const string Route = "/api/v1/auth/sessions";

    [Fact]
    public async Task Lists_the_callers_living_sessions_and_marks_the_current_one()
    {
        var person = await app.PersonAsync();
        await app.PersonAsync();
        var body = JsonSerializer.Serialize(
            new { email = person.Email, password = person.Password, device = "My phone" });
        await app.PostAsync("/api/v1/auth/login", body).DataAsync(HttpStatusCode.OK);
        var (ended, current) = (await app.LogInAsync(person), await app.LogInAsync(person));
        await app.SendAsync(HttpMethod.Post, "/api/v1/auth/logout", null, ("Authorization", $"Bearer {ended.Access}"));

        var sessions = (await app.GetAsync(Route, current.Access).DataAsync(HttpStatusCode.OK))
            .EnumerateArray().ToList();
        Assert.Equal(2, sessions.Count);
        Assert.Equal(Jwt.Payload(current.Access)["sid"]!.GetValue<string>(), sessions[0].GetProperty("id").GetString());
        Assert.True(sessions[0].GetProperty("current").GetBoolean());
        Assert.False(sessions[0].TryGetProperty("device", out _));
        Assert.False(sessions[1].GetProperty("current").GetBoolean());
        Assert.Equal("My phone", sessions[1].GetProperty("device").GetString());
        Assert.Equal(
            ["createdAt", "current", "device", "id", "lastUsedAt"],
            sessions[1].EnumerateObject().Select(member => member.Name).Order());
    }

    [Fact]
    public async Task Lists_a_hundred_at_most_for_the_one_unused_for_longest_makes_room()
    {
        var person = await app.PersonAsync();
        var oldest = await app.LogInAsync(person);
        var now = DateTimeOffset.UtcNow;
        var ct = TestContext.Current.CancellationToken;
        await app.WriteAsync(async db =>
        {
            db.AddRange(Enumerable.Range(0, Session.MaxPerUser - 1)
                .Select(i => new Session(person.Id, $"device {i}", now)));
            await db.SaveChangesAsync(ct);
        });
        var newest = await app.LogInAsync(person);
        var sessions = await app.GetAsync(Route, newest.Access).DataAsync(HttpStatusCode.OK);
        Assert.Equal(Session.MaxPerUser, sessions.GetArrayLength());
        await app.GetAsync(Route, oldest.Access).ErrorAsync(HttpStatusCode.Unauthorized, "SESSION_ENDED");
    }

    [Theory]
    [InlineData(1, Session.MaxEndedPerUser)]
    // Whoever ended them may not have come to drop them from the cache.
    [InlineData(0, 2 * Session.MaxEndedPerUser)]
    public async Task Forgets_all_but_the_latest_that_have_ended_so_that_a_login_stays_cheap(int daysAgo, int count)
    {
        var person = await app.PersonAsync();
        var ct = TestContext.Current.CancellationToken;
        var then = DateTimeOffset.UtcNow - TimeSpan.FromDays(daysAgo);
        var ended = Enumerable.Range(0, 2 * Session.MaxEndedPerUser)
            .Select(i => (Session: new Session(person.Id, null, then), At: then.AddMilliseconds(i))).ToList();
        await app.WriteAsync(async db =>
        {
            db.AddRange(ended.Select(e => e.Session));
            await db.SaveChangesAsync(ct);
            foreach (var (session, at) in ended)
            {
                await db.Sessions.Where(s => s.Id == session.Id)
                    .ExecuteUpdateAsync(s => s.SetProperty(x => x.EndedAt, at), ct);
            }
        });
        var pair = await app.LogInAsync(person);
        var current = Guid.Parse(Jwt.Payload(pair.Access)["sid"]!.GetValue<string>());
        var kept = await app.InDatabaseAsync(db => db.Sessions
            .Where(s => s.UserId == person.Id).Select(s => s.Id).ToListAsync(ct));
        Assert.Equal(
            ended[^count..].Select(e => e.Session.Id).Append(current).Order(), kept.Order());
    }

    [Fact]
    public async Task Leaves_out_what_has_expired()
    {
        var person = await app.PersonAsync();
        var (old, current) = (await app.LogInAsync(person), await app.LogInAsync(person));
        var id = Guid.Parse(Jwt.Payload(old.Access)["sid"]!.GetValue<string>());
        var then = DateTimeOffset.UtcNow - TimeSpan.FromDays(8);
        await app.WriteAsync(db => db.Sessions
            .Where(s => s.Id == id)
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.LastUsedAt, then)));
        Assert.Equal(1, (await app.GetAsync(Route, current.Access).DataAsync(HttpStatusCode.OK)).GetArrayLength());
    }

    [Fact]
    public async Task Needs_somebody_who_is_signed_in()
        => await app.SendAsync(HttpMethod.Get, Route).ErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
}
