using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using SliceApi.Infrastructure.Idempotency;

namespace Tests.Infrastructure.Idempotency;

public sealed class IdempotencyTests(App app)
{
    static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Gives_the_same_answer_again_byte_for_byte_and_does_nothing_more()
    {
        var (_, token, from, to) = await TwoAccountsAsync();
        var key = Guid.NewGuid().ToString();
        using var first = await app.TransferAsync(token, from, to, 10, key);
        using var second = await app.TransferAsync(token, from, to, 10, key);
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.False(first.Headers.Contains("Idempotent-Replayed"));
        Assert.Equal("true", Assert.Single(second.Headers.GetValues("Idempotent-Replayed")));
        Assert.Equal(first.StatusCode, second.StatusCode);
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.Equal(await first.Content.ReadAsByteArrayAsync(Ct), await second.Content.ReadAsByteArrayAsync(Ct));
        // The envelope's request id is the header's: both name the request that moved the money.
        await second.DataAsync(HttpStatusCode.Created);
        Assert.Equal(90, await app.BalanceAsync(from));
    }

    [Fact]
    public async Task Gives_it_to_every_session_of_the_user_and_to_nobody_else()
    {
        var (person, token, from, to) = await TwoAccountsAsync();
        var key = Guid.NewGuid().ToString();
        var made = await app.TransferAsync(token, from, to, 10, key).DataAsync(HttpStatusCode.Created);
        var (elsewhere, _) = await app.LogInAsync(person);
        var again = await app.TransferAsync(elsewhere, from, to, 10, key).DataAsync(HttpStatusCode.Created);
        Assert.Equal(made.ToString(), again.ToString());

        var (_, other, otherFrom, otherTo) = await TwoAccountsAsync();
        var others = await app.TransferAsync(other, otherFrom, otherTo, 10, key).DataAsync(HttpStatusCode.Created);
        Assert.NotEqual(made.GetProperty("id").GetGuid(), others.GetProperty("id").GetGuid());
        await app.TransferAsync(other, from, to, 10, key)
            .ErrorAsync(HttpStatusCode.UnprocessableEntity, "IDEMPOTENCY_KEY_REUSED");
    }

    [Fact]
    public async Task Takes_the_same_members_in_another_order_for_the_same_request_and_anything_else_for_another()
    {
        var (_, token, from, to) = await TwoAccountsAsync();
        var key = Guid.NewGuid().ToString();
        var made = await app.TransferAsync(token, from, to, 10, key).DataAsync(HttpStatusCode.Created);
        var spaced = $$""" { "amountMinor" : 10, "toAccountId":"{{to}}", "fromAccountId":"{{from}}" } """;
        var again = await app.SendKeyedAsync("/api/v1/transfers", token, spaced, key).DataAsync(HttpStatusCode.Created);
        Assert.Equal(made.ToString(), again.ToString());

        // One after the other: two at once under one key would be told that it is in use.
        var others = new Func<Task<HttpResponseMessage>>[]
        {
            () => app.TransferAsync(token, from, to, 11, key),
            () => app.TransferAsync(token, to, from, 10, key),
            () => app.SendKeyedAsync("/api/v1/accounts", token, """{"name":"A","currency":"EUR"}""", key),
        };
        foreach (var send in others)
            await send().ErrorAsync(HttpStatusCode.UnprocessableEntity, "IDEMPOTENCY_KEY_REUSED");
        Assert.Equal((90, 10), (await app.BalanceAsync(from), await app.BalanceAsync(to)));
    }

    [Fact]
    public async Task Tells_routes_apart_by_their_values()
    {
        var ((_, admin), (_, token)) = (await app.AdministratorAsync(), await app.SignedInAsync());
        var (one, two) = (await app.AccountAsync(token), await app.AccountAsync(token));
        var key = Guid.NewGuid().ToString();
        await app.SendKeyedAsync($"/api/v1/accounts/{one}/deposits", admin, """{"amountMinor":1}""", key)
            .DataAsync(HttpStatusCode.Created);
        await app.SendKeyedAsync($"/api/v1/accounts/{two}/deposits", admin, """{"amountMinor":1}""", key)
            .ErrorAsync(HttpStatusCode.UnprocessableEntity, "IDEMPOTENCY_KEY_REUSED");
    }

    [Fact]
    public async Task Has_one_effect_however_many_send_it_at_once()
    {
        var (_, token, from, to) = await TwoAccountsAsync();
        for (var round = 0; round < 10; round++)
        {
            var key = Guid.NewGuid().ToString();
            var responses = await Task.WhenAll(
                Enumerable.Range(0, 32).Select(_ => app.TransferAsync(token, from, to, 1, key)));
            var ids = new HashSet<Guid>();
            foreach (var response in responses)
            {
                if (response.StatusCode == HttpStatusCode.Conflict)
                {
                    await response.ErrorAsync(HttpStatusCode.Conflict, "IDEMPOTENCY_KEY_IN_USE");
                    Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter!.Delta);
                }
                else
                {
                    ids.Add((await response.DataAsync(HttpStatusCode.Created)).GetProperty("id").GetGuid());
                }
            }

            var again = await app.TransferAsync(token, from, to, 1, key).DataAsync(HttpStatusCode.Created);
            Assert.Equal(Assert.Single(ids), again.GetProperty("id").GetGuid());
        }

        Assert.Equal(90, await app.BalanceAsync(from));
    }

    [Fact]
    public async Task Says_so_while_the_first_is_being_worked_on()
    {
        var (person, token, from, to) = await TwoAccountsAsync();
        var (key, free) = (Guid.NewGuid().ToString(), new TaskCompletionSource());
        // Keeps the writer, and with it the first request, from going on.
        var busy = app.WriteAsync(_ => free.Task);
        var first = app.TransferAsync(token, from, to, 1, key);
        var once = app.Services.GetRequiredService<OnceWriter>();
        try
        {
            await Wait.UntilAsync(
                () => Task.FromResult(once.IsRunning(person.Id, key)), "the first request is on its way");
            await app.TransferAsync(token, from, to, 1, key).WaitAsync(Deadline, Ct)
                .ErrorAsync(HttpStatusCode.Conflict, "IDEMPOTENCY_KEY_IN_USE");
            await app.TransferAsync(token, from, to, 2, key).WaitAsync(Deadline, Ct)
                .ErrorAsync(HttpStatusCode.UnprocessableEntity, "IDEMPOTENCY_KEY_REUSED");
        }
        finally
        {
            // Everybody's writes wait for it.
            free.SetResult();
        }

        await busy;
        await first.DataAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Keeps_a_refusal_by_the_state_and_forgets_every_other()
    {
        var (_, token, from, to) = await TwoAccountsAsync();
        var (poor, wrong) = (Guid.NewGuid().ToString(), Guid.NewGuid().ToString());
        var refusal = await app.TransferAsync(token, from, to, 1000, poor)
            .ErrorAsync(HttpStatusCode.Conflict, "INSUFFICIENT_FUNDS");
        await app.DepositAsync(from, 1000).DataAsync(HttpStatusCode.Created);
        using var again = await app.TransferAsync(token, from, to, 1000, poor);
        Assert.Equal("true", Assert.Single(again.Headers.GetValues("Idempotent-Replayed")));
        var replayed = await again.ErrorAsync(HttpStatusCode.Conflict, "INSUFFICIENT_FUNDS");
        Assert.Equal(refusal.ToString(), replayed.ToString());
        await app.TransferAsync(token, from, to, 1000).DataAsync(HttpStatusCode.Created);

        await app.TransferAsync(token, from, to, 0, wrong).ErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
        await app.TransferAsync(token, from, Guid.NewGuid(), 1, wrong).ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        await app.TransferAsync("nonsense", from, to, 1, wrong)
            .ErrorAsync(HttpStatusCode.Unauthorized, "INVALID_TOKEN");
        await app.TransferAsync(token, from, to, 1, wrong).DataAsync(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("1234567")]
    [InlineData("with a space")]
    [InlineData("käse-käse")]
    [InlineData("\"1234567\"")]
    [InlineData("\"with\\\"inside\"")]
    public async Task Wants_a_key_of_the_right_form(string key)
    {
        var (_, token, from, to) = await TwoAccountsAsync();
        Assert.Equal(["Idempotency-Key"], await app.TransferAsync(token, from, to, 1, key).RefusedFieldsAsync());
        Assert.Equal(100, await app.BalanceAsync(from));
    }

    [Fact]
    public async Task Wants_one_key_and_not_too_long_a_one()
    {
        var (_, token, from, to) = await TwoAccountsAsync();
        var fields = await app.TransferAsync(token, from, to, 1, new string('k', 256)).RefusedFieldsAsync();
        Assert.Equal(["Idempotency-Key"], fields);
        await app.TransferAsync(token, from, to, 1, new string('k', 255)).DataAsync(HttpStatusCode.Created);
        var json = JsonSerializer.Serialize(new { fromAccountId = from, toAccountId = to, amountMinor = 1 });
        var two = await app.SendAsync(
            HttpMethod.Post,
            "/api/v1/transfers",
            Requests.Json(json),
            ("Authorization", $"Bearer {token}"),
            ("Idempotency-Key", "key-number-one"), ("Idempotency-Key", "key-number-two"));
        Assert.Equal(["Idempotency-Key"], await two.RefusedFieldsAsync());
        await app.SendJsonAsync(HttpMethod.Post, "/api/v1/transfers", token, json)
            .ErrorAsync(HttpStatusCode.BadRequest, "IDEMPOTENCY_KEY_REQUIRED");
    }

    [Fact]
    public async Task Takes_a_quoted_key_for_the_same()
    {
        var (_, token, from, to) = await TwoAccountsAsync();
        var key = Guid.NewGuid().ToString();
        await app.TransferAsync(token, from, to, 1, key).DataAsync(HttpStatusCode.Created);
        using var quoted = await app.TransferAsync(token, from, to, 1, $"\"{key}\"");
        Assert.True(quoted.Headers.Contains("Idempotent-Replayed"));
    }

    [Fact]
    public async Task Survives_a_client_that_hangs_up_and_tries_again()
    {
        var (_, token, from, to) = await TwoAccountsAsync();
        for (var i = 0; i < 50; i++)
        {
            var key = Guid.NewGuid().ToString();
            using (var hangUp = new CancellationTokenSource(TimeSpan.FromMicroseconds(100 * i)))
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/transfers")
                {
                    Content = Requests.Json(JsonSerializer.Serialize(
                        new { fromAccountId = from, toAccountId = to, amountMinor = 1 })),
                    Headers = { { "Authorization", $"Bearer {token}" }, { "Idempotency-Key", key } },
                };
                try
                {
                    (await app.Client.SendAsync(request, hangUp.Token)).Dispose();
                }
                catch (OperationCanceledException)
                {
                    // That was the point.
                }
            }

            HttpResponseMessage? response = null;
            await Wait.UntilAsync(
                async ()
                    => (response = await app.TransferAsync(token, from, to, 1, key)).StatusCode
                        != HttpStatusCode.Conflict,
                "the first try is over");
            await response!.DataAsync(HttpStatusCode.Created);
        }

        Assert.Equal((50, 50), (await app.BalanceAsync(from), await app.BalanceAsync(to)));
    }

    [Fact]
    public async Task Goes_with_its_user()
    {
        var (person, token, from, to) = await TwoAccountsAsync();
        await app.TransferAsync(token, from, to, 1).DataAsync(HttpStatusCode.Created);
        Assert.True(await app.InDatabaseAsync(db => db.IdempotencyKeys.AnyAsync(k => k.UserId == person.Id, Ct)));
        var (_, admin) = await app.AdministratorAsync();
        await app.SendJsonAsync(HttpMethod.Delete, $"/api/v1/users/{person.Id}", admin, null, "*");
        Assert.False(await app.InDatabaseAsync(db => db.IdempotencyKeys.AnyAsync(k => k.UserId == person.Id, Ct)));
    }

    async Task<(Person Person, string Token, Guid From, Guid To)> TwoAccountsAsync()
    {
        var (person, token) = await app.SignedInAsync();
        return (person, token, await app.AccountAsync(token, 100), await app.AccountAsync(token));
    }
}
