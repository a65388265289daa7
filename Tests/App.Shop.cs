using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Persistence.Entities;

namespace Tests;

// Products, and orders of them.
public sealed partial class App
{
    /// <summary>Puts up a product for sale.</summary>
    public async Task<Guid> ProductAsync(
        int stock = 10, long priceMinor = 250, string currency = "EUR", string? name = null, string? sku = null)
    {
        (sku, name) = (sku ?? $"{Guid.NewGuid():N}", name ?? "Something");
        var response = await SendJsonAsync(
            HttpMethod.Post,
            "/api/v1/products",
            await _admin.Value,
            JsonSerializer.Serialize(new { sku, name, priceMinor, currency, stock }));
        return (await response.DataAsync(HttpStatusCode.Created)).GetProperty("id").GetGuid();
    }

    /// <summary>How many there are of a product.</summary>
    public async Task<int> StockAsync(Guid product)
        => (await SendAsync(HttpMethod.Get, $"/api/v1/products/{product}").DataAsync(HttpStatusCode.OK))
            .GetProperty("stock").GetInt32();

    /// <summary>Tries to order products, some of each.</summary>
    public Task<HttpResponseMessage> PlaceAsync(string token, params (Guid ProductId, int Quantity)[] lines)
        => SendJsonAsync(HttpMethod.Post, "/api/v1/orders", token, OrderJson(lines));

    /// <summary>Orders products, some of each.</summary>
    public async Task<Guid> OrderAsync(string token, params (Guid ProductId, int Quantity)[] lines)
        => (await PlaceAsync(token, lines).DataAsync(HttpStatusCode.Created)).GetProperty("id").GetGuid();

    /// <summary>Users, the first without orders, the next with one, and so on to twelve; each of three lines.</summary>
    public async Task<ILookup<Guid, Guid>> UsersWithOrdersAsync(string emailPrefix, int count, Guid product)
    {
        var now = DateTimeOffset.UtcNow;
        var users = Enumerable.Range(0, count)
            .Select(i => new User($"{emailPrefix}-{i}@example.com", "Ada", "hash", Roles.User, now)).ToList();
        var orders = new List<Order>();
        await WriteAsync(async db =>
        {
            var sold = await db.Products.SingleAsync(p => p.Id == product);
            var owners = users.SelectMany((user, i) => Enumerable.Repeat(user.Id, i % 13));
            orders.AddRange(owners.Select(owner => new Order(
                owner, "EUR", [.. Enumerable.Range(0, 3).Select(i => new OrderLine(i, sold, i + 1))], now)));
            db.AddRange(users);
            db.AddRange(orders);
            await db.SaveChangesAsync();
        });
        return orders.ToLookup(order => order.UserId, order => order.Id);
    }

    /// <summary>Pays an order from an account.</summary>
    public Task<HttpResponseMessage> PayAsync(string token, Guid order, Guid account)
        => SendJsonAsync(HttpMethod.Post, $"/api/v1/orders/{order}/pay", token, $$"""{"accountId":"{{account}}"}""");

    /// <summary>What orders products, some of each.</summary>
    public static string OrderJson(params (Guid ProductId, int Quantity)[] lines)
        => JsonSerializer.Serialize(
            new { lines = lines.Select(line => new { productId = line.ProductId, quantity = line.Quantity }) });
}
