namespace Tests.Features.Orders;

public sealed class GetTests(App app)
{
    const string Route = "/api/v1/orders";

    [Fact]
    public async Task Shows_an_order_to_whoever_placed_it_and_to_administrators()
    {
        var (id, (_, token), (_, admin)) =
            (await app.ProductAsync(), await app.SignedInAsync(), await app.AdministratorAsync());
        var order = await app.OrderAsync(token, (id, 2));
        foreach (var asking in new[] { token, admin })
        {
            var read = await app.GetAsync($"{Route}/{order}", asking).DataAsync(HttpStatusCode.OK);
            Assert.Equal(order, read.GetProperty("id").GetGuid());
            Assert.Equal(2, read.GetProperty("lines")[0].GetProperty("quantity").GetInt32());
        }
    }

    [Fact]
    public async Task Answers_for_somebody_elses_as_for_none()
    {
        var ((_, token), (_, other)) = (await app.SignedInAsync(), await app.SignedInAsync());
        var order = await app.OrderAsync(token, (await app.ProductAsync(), 1));
        var none = await app.GetAsync($"{Route}/{Guid.NewGuid()}", other)
            .ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        var others = await app.GetAsync($"{Route}/{order}", other).ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        Assert.Equal(none.GetRawText(), others.GetRawText());
    }

    [Theory]
    [InlineData("1")]
    [InlineData("not-a-uuid")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    public async Task Finds_nothing_where_nothing_is(string id)
    {
        var (_, admin) = await app.AdministratorAsync();
        await app.GetAsync($"{Route}/{id}", admin).ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Needs_somebody_who_is_signed_in()
        => await app.SendAsync(HttpMethod.Get, $"{Route}/{Guid.NewGuid()}")
            .ErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
}
