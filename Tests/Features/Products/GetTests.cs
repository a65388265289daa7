namespace Tests.Features.Products;

public sealed class GetTests(App app)
{
    const string Route = "/api/v1/products";

    [Fact]
    public async Task Shows_a_product_to_anyone()
    {
        var sku = $"{Guid.NewGuid():N}";
        var id = await app.ProductAsync(stock: 7, priceMinor: 1999, currency: "JPY", name: "A lamp", sku: sku);
        var response = await app.SendAsync(HttpMethod.Get, $"{Route}/{id}");
        var product = await response.DataAsync(HttpStatusCode.OK);
        Assert.Equal(
            $$"""
            {"id":"{{id}}","sku":"{{sku}}","name":"A lamp","priceMinor":1999,"currency":"JPY","stock":7,"version":1}
            """,
            product.GetRawText());
        Assert.Equal("\"1\"", response.Headers.ETag?.ToString());
    }

    [Theory]
    [InlineData("\"1\"", HttpStatusCode.NotModified)]
    [InlineData("W/\"1\"", HttpStatusCode.NotModified)]
    [InlineData("\"7\", \"1\"", HttpStatusCode.NotModified)]
    [InlineData("*", HttpStatusCode.NotModified)]
    [InlineData("\"2\"", HttpStatusCode.OK)]
    public async Task Answers_304_to_whoever_has_this_version(string ifNoneMatch, HttpStatusCode status)
    {
        var id = await app.ProductAsync();
        var response = await app.SendAsync(HttpMethod.Get, $"{Route}/{id}", null, ("If-None-Match", ifNoneMatch));
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("\"1\"", response.Headers.ETag?.ToString());
    }

    [Fact]
    public async Task Finds_nothing_where_nothing_is()
    {
        string[] ids = [$"{Guid.CreateVersion7()}", "1", "not-a-uuid", $"{Guid.Empty}", $"{Guid.NewGuid():N}"];
        foreach (var id in ids)
            await app.SendAsync(HttpMethod.Get, $"{Route}/{id}").ErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Is_read_once_however_often_it_is_asked_for()
    {
        var (id, (_, token)) = (await app.ProductAsync(), await app.SignedInAsync());
        await app.GetAsync("/api/v1/users/me", token);
        var (_, first) = await app.GetWatchedAsync($"{Route}/{id}", token);
        var (_, second) = await app.GetWatchedAsync($"{Route}/{id}", token);
        Assert.Single(first);
        Assert.Empty(second);
    }

    [Fact]
    public async Task Refuses_a_query_parameter()
    {
        var response = await app.SendAsync(HttpMethod.Get, $"{Route}/{Guid.NewGuid()}?q=x");
        Assert.Equal(["q"], await response.RefusedFieldsAsync());
    }
}
