namespace Tests.Features.Transfers;

public sealed class GetTests(App app)
{
    [Fact]
    public async Task Shows_a_transfer_to_both_sides_and_to_nobody_else()
    {
        var ((_, giver), (_, taker)) = (await app.SignedInAsync(), await app.SignedInAsync());
        var ((_, other), (_, admin)) = (await app.SignedInAsync(), await app.AdministratorAsync());
        var (from, to) = (await app.AccountAsync(giver, 10), await app.AccountAsync(taker));
        var made = await app.TransferAsync(giver, from, to, 10).DataAsync(HttpStatusCode.Created);
        var path = $"/api/v1/transfers/{made.GetProperty("id").GetGuid()}";
        foreach (var token in new[] { giver, taker, admin })
            Assert.Equal(made.ToString(), (await app.GetAsync(path, token).DataAsync(HttpStatusCode.OK)).ToString());
        await app.GetAsync(path, other).ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        await app.GetAsync($"/api/v1/transfers/{Guid.CreateVersion7()}", giver)
            .ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
    }
}
