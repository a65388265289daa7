using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Events;

namespace Tests.Features.Audit;

public sealed class OnUserCreatedTests(App app)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writes_down_which_request_made_which_account()
    {
        var response = await app.SendAsync(
            HttpMethod.Post,
            "/api/v1/auth/register",
            Requests.Json(JsonSerializer.Serialize(
                new { email = $"{Guid.NewGuid():N}@example.com", password = "a fine password", name = "Ada" })),
            ("X-Request-Id", "registers-in-the-audit-log"));
        var id = (await response.DataAsync(HttpStatusCode.Created)).GetProperty("id").GetGuid();

        await Wait.UntilAsync(async () => await EntriesAsync(id) == 1, "the entry is there");
        var entry = await app.InDatabaseAsync(db => db.AuditEntries.SingleAsync(e => e.Entity == id, Ct));
        Assert.Equal("user.created", entry.Action);
        Assert.Equal("registers-in-the-audit-log", entry.RequestId);
    }

    [Fact]
    public async Task Writes_it_down_once_however_often_it_is_told()
    {
        var person = await app.PersonAsync();
        await Wait.UntilAsync(async () => await EntriesAsync(person.Id) == 1, "the entry is there");
        var entry = await app.InDatabaseAsync(db => db.AuditEntries.SingleAsync(e => e.Entity == person.Id, Ct));

        // As after a crash between the handler's commit and the deletion of the event.
        await app.DeliverAgainAsync(entry.EventId, new UserCreated(person.Id));
        Assert.Equal(1, await EntriesAsync(person.Id));
    }

    [Fact]
    public async Task Writes_nothing_down_when_nobody_was_made()
    {
        var person = await app.PersonAsync();
        await Wait.UntilAsync(async () => await EntriesAsync(person.Id) == 1, "the entry is there");
        var before = await app.InDatabaseAsync(db => db.Outbox.MaxAsync(m => (long?)m.Id, Ct)) ?? 0;
        await app.PostAsync(
            "/api/v1/auth/register",
            JsonSerializer.Serialize(new { email = person.Email, password = "a fine password", name = "Ada" }))
            .ErrorAsync(HttpStatusCode.Conflict, "EMAIL_TAKEN");
        Assert.False(await app.InDatabaseAsync(
            db => db.Outbox.AnyAsync(m => m.Id > before && m.Entity == person.Id, Ct)));
        Assert.Equal(1, await EntriesAsync(person.Id));
    }

    Task<int> EntriesAsync(Guid entity)
        => app.InDatabaseAsync(db => db.AuditEntries.CountAsync(e => e.Entity == entity, Ct));
}
