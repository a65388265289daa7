using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using SliceApi.Infrastructure.Events;
using SliceApi.Infrastructure.Hosting;
using SliceApi.Infrastructure.Persistence.Entities;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Infrastructure.Persistence;

/// <summary>Demo data for an empty database: enough to see every route do something.</summary>
public sealed class Seed(Writer writer, PasswordHasher hasher, TimeProvider clock)
{
    static readonly (string Sku, string Name, long PriceMinor, int Stock)[] Goods =
    [
        ("LAMP-1", "Desk lamp", 3_900, 25),
        ("CHAIR-1", "Office chair", 18_900, 8),
        ("DESK-1", "Standing desk", 42_500, 3),
        ("MUG-1", "Coffee mug", 950, 120),
        ("PEN-10", "Ten pens", 690, 300),
    ];

    /// <summary>Fills the database in one transaction.</summary>
    /// <returns>Who can log in now: e-mail address, password and roles.</returns>
    /// <exception cref="StartupException">The database is not empty.</exception>
    public async Task<IReadOnlyList<(string Email, string Password, string Roles)>> RunAsync(CancellationToken ct)
    {
        var people = new List<(User User, string Password)>
        {
            await PersonAsync("admin@example.com", "Demo Administrator", Roles.User | Roles.Admin, ct),
            await PersonAsync("ada@example.com", "Ada Lovelace", Roles.User, ct),
            await PersonAsync("charles@example.com", "Charles Babbage", Roles.User, ct),
        };
        await writer.RunAsync((scope, token) => FillAsync(scope, [.. people.Select(p => p.User)], token), ct);
        return [.. people.Select(p => (p.User.Email, p.Password, string.Join(", ", p.User.Roles.Names())))];
    }

    // Made up anew each time: a demo that is reached from outside has no password that everybody knows.
    async Task<(User User, string Password)> PersonAsync(string email, string name, Roles roles, CancellationToken ct)
    {
        var password = RandomNumberGenerator.GetHexString(20, lowercase: true);
        return (new User(email, name, await hasher.HashAsync(password, ct), roles, clock.GetUtcNow()), password);
    }

    async Task FillAsync(WriteScope scope, User[] users, CancellationToken ct)
    {
        var db = scope.Db;
        if (await db.Users.IgnoreQueryFilters().AnyAsync(ct) || await db.Products.AnyAsync(ct))
        {
            throw new StartupException(
                "The database is not empty. Name another folder for the demo: --DataFolder=demo");
        }

        var now = clock.GetUtcNow();
        var products = Goods.Select(g => new Product(g.Sku, g.Name, g.PriceMinor, "EUR", g.Stock, now)).ToArray();
        var (ada, charles) = (users[1].Id, users[2].Id);
        Account[] accounts =
        [
            new(AccountKind.User, ada, "Everyday", "EUR", now),
            new(AccountKind.User, ada, "Savings", "EUR", now),
            new(AccountKind.User, charles, "Everyday", "EUR", now),
        ];
        Order[] orders =
        [
            new(ada, "EUR", [new OrderLine(0, products[0], 1), new OrderLine(1, products[3], 4)], now),
            new(charles, "EUR", [new OrderLine(0, products[1], 1)], now),
        ];
        db.AddRange(users);
        db.AddRange(products);
        db.AddRange(products.SelectMany(p => ProductWord.In(p.Sku, p.Name)
            .Select(w => new ProductWord { Word = w, ProductId = p.Id })));
        db.AddRange(accounts);
        db.AddRange(orders);
        await db.SaveChangesAsync(ct);
        foreach (var user in users)
            scope.Publish(new UserCreated(user.Id));
        await TakeStockAsync(db, orders, ct);

        var external = scope.OwnAccount(AccountKind.External, "EUR", now);
        scope.Post(new Posting(external, accounts[0].Id, 250_000, "Salary"), now);
        scope.Post(new Posting(external, accounts[2].Id, 90_000, "Cash"), now);
        scope.Post(new Posting(accounts[0].Id, accounts[1].Id, 50_000, "For a rainy day"), now);
        scope.Post(new Posting(accounts[2].Id, accounts[0].Id, 1_250, "Lunch"), now);
        var shop = scope.OwnAccount(AccountKind.Shop, "EUR", now);
        var paid = scope.Post(
            new Posting(accounts[0].Id, shop, orders[0].TotalMinor, $"Order {orders[0].Id}"), now);
        await db.Orders.Where(o => o.Id == orders[0].Id).ExecuteUpdateAsync(
            o => o.SetProperty(x => x.Status, OrderStatus.Paid).SetProperty(x => x.TransferId, paid.Id), ct);
    }

    static async Task TakeStockAsync(AppDb db, Order[] orders, CancellationToken ct)
    {
        foreach (var line in orders.SelectMany(o => o.Lines))
        {
            await db.Products.Where(p => p.Id == line.ProductId)
                .ExecuteUpdateAsync(p => p.SetProperty(x => x.Stock, x => x.Stock - line.Quantity), ct);
        }
    }
}
