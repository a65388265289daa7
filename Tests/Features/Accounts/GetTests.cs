namespace Tests.Features.Accounts;

public sealed class GetTests(App app)
{
    [Fact]
    public async Task Shows_what_the_account_holds_now()
    {
        var (_, token) = await app.SignedInAsync();
        var account = await app.AccountAsync(token, 500);
        for (var balance = 500; balance < 503; balance++)
        {
            var found = await app.GetAsync($"/api/v1/accounts/{account}", token).DataAsync(HttpStatusCode.OK);
            Assert.Equal(balance, found.GetProperty("balanceMinor").GetInt64());
            await app.DepositAsync(account, 1).DataAsync(HttpStatusCode.Created);
        }
    }

    [Fact]
    public async Task Knows_nobody_elses_and_none_that_is_not_there()
    {
        var ((_, token), (_, other)) = (await app.SignedInAsync(), await app.SignedInAsync());
        var account = await app.AccountAsync(other);
        foreach (var id in new[] { account.ToString(), Guid.CreateVersion7().ToString(), "1", account.ToString("N") })
            await app.GetAsync($"/api/v1/accounts/{id}", token).ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Shows_everybodys_to_administrators()
    {
        var ((_, admin), (_, token)) = (await app.AdministratorAsync(), await app.SignedInAsync());
        var account = await app.AccountAsync(token, 7);
        Assert.Equal(7, (await app.GetAsync($"/api/v1/accounts/{account}", admin).DataAsync(HttpStatusCode.OK))
            .GetProperty("balanceMinor").GetInt64());
    }
}
