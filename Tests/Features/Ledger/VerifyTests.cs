namespace Tests.Features.Ledger;

public sealed class VerifyTests(App app)
{
    [Fact]
    public async Task Counts_and_finds_nothing_wrong()
    {
        var ((_, admin), (_, token)) = (await app.AdministratorAsync(), await app.SignedInAsync());
        await app.AccountAsync(token, 10);
        var audit = await app.GetAsync("/api/v1/ledger/verify", admin).DataAsync(HttpStatusCode.OK);
        Assert.True(audit.GetProperty("balanced").GetBoolean());
        Assert.Empty(audit.GetProperty("mismatches").EnumerateArray());
        Assert.True(audit.GetProperty("accounts").GetInt64() >= 2);
        Assert.Equal(2 * audit.GetProperty("transfers").GetInt64(), audit.GetProperty("entries").GetInt64());
    }

    [Fact]
    public async Task Is_for_administrators()
    {
        var (_, token) = await app.SignedInAsync();
        await app.GetAsync("/api/v1/ledger/verify", token).ErrorAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
    }
}
