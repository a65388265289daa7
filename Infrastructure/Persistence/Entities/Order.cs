using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using SliceApi.Infrastructure.Http;

namespace SliceApi.Infrastructure.Persistence.Entities;

/// <summary>Where an order stands. It leaves <see cref="Pending"/> once and for good.</summary>
public enum OrderStatus
{
    /// <summary>Placed; the stock is taken.</summary>
    Pending = 1,

    /// <summary>The money is the shop's.</summary>
    Paid = 2,

    /// <summary>Given up; the stock was given back.</summary>
    Cancelled = 3,
}

/// <summary>What clients call the states of an order.</summary>
public static class OrderStatusNames
{
    /// <summary>Each name.</summary>
    public static readonly string[] All = [.. Enum.GetValues<OrderStatus>().Select(Of)];

    /// <summary>The name of a state.</summary>
    public static string Of(OrderStatus status)
        => status switch
        {
            OrderStatus.Pending => "pending",
            OrderStatus.Paid => "paid",
            OrderStatus.Cancelled => "cancelled",
            _ => throw new ArgumentOutOfRangeException(nameof(status)),
        };

    /// <summary>The state of that name, which is one of <see cref="All"/>.</summary>
    public static OrderStatus Parse(string name) => Enum.GetValues<OrderStatus>().Single(status => Of(status) == name);
}

/// <summary>Products that somebody wants, at the prices of the moment when it was placed.</summary>
public sealed class Order
{
    /// <summary>The most lines.</summary>
    public const int MaxLines = 50;

    Order() { }

    /// <summary>A new order, not yet stored.</summary>
    public Order(Guid userId, string currency, IReadOnlyList<OrderLine> lines, DateTimeOffset now)
    {
        Id = Guid.CreateVersion7(now);
        UserId = userId;
        Status = OrderStatus.Pending;
        Currency = currency;
        TotalMinor = TotalOf(lines);
        CreatedAt = now;
        Lines = [.. lines];
    }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; private set; }

    /// <summary>Whose it is.</summary>
    public Guid UserId { get; private set; }

    /// <summary>Where it stands.</summary>
    public OrderStatus Status { get; private set; }

    /// <summary>What all lines cost together, in minor units.</summary>
    public long TotalMinor { get; private set; }

    /// <summary>ISO 4217; that of all its products.</summary>
    public string Currency { get; private set; } = "";

    /// <summary>The transfer that paid it; null unless it is paid.</summary>
    public Guid? TransferId { get; private set; }

    /// <summary>When it was placed.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>What was ordered.</summary>
    public List<OrderLine> Lines { get; private set; } = [];

    // Fifty lines of a thousand at the highest price are more than a long holds.
    static long TotalOf(IReadOnlyList<OrderLine> lines)
    {
        var total = lines.Aggregate(Int128.Zero, (sum, line) => sum + (Int128)line.PriceMinor * line.Quantity);
        return total <= Money.Max ? (long)total : throw new OrderTooExpensive();
    }
}

/// <summary>How many of one product an order holds.</summary>
public sealed class OrderLine
{
    /// <summary>The most of one product.</summary>
    public const int MaxQuantity = 1000;

    OrderLine() { }

    /// <summary>A line of a new order.</summary>
    public OrderLine(int position, Product product, int quantity)
    {
        Position = position;
        ProductId = product.Id;
        Sku = product.Sku;
        Name = product.Name;
        PriceMinor = product.PriceMinor;
        Quantity = quantity;
    }

    /// <summary>The order.</summary>
    public Guid OrderId { get; private set; }

    /// <summary>Where in the order it stands, from 0.</summary>
    public int Position { get; private set; }

    /// <summary>The product.</summary>
    public Guid ProductId { get; private set; }

    /// <summary>The product's stock keeping unit when it was ordered.</summary>
    public string Sku { get; private set; } = "";

    /// <summary>The product's name when it was ordered.</summary>
    public string Name { get; private set; } = "";

    /// <summary>How many.</summary>
    public int Quantity { get; private set; }

    /// <summary>What one cost when it was ordered, in minor units.</summary>
    public long PriceMinor { get; private set; }
}

sealed class OrderConfiguration : IEntityTypeConfiguration<Order>
{
    public void Configure(EntityTypeBuilder<Order> order)
    {
        order.Property(o => o.Id).ValueGeneratedNever();
        order.Property(o => o.Currency).HasMaxLength(3);
        order.HasOne<User>().WithMany().HasForeignKey(o => o.UserId).OnDelete(DeleteBehavior.Restrict);
        order.HasOne<Transfer>().WithMany().HasForeignKey(o => o.TransferId).OnDelete(DeleteBehavior.Restrict);
        order.HasMany(o => o.Lines).WithOne().HasForeignKey(l => l.OrderId).OnDelete(DeleteBehavior.Cascade);
        // A user's orders, everybody's of one status, a user's of one status; each newest first.
        order.HasIndex(o => new { o.UserId, o.Id });
        order.HasIndex(o => new { o.Status, o.Id });
        order.HasIndex(o => new { o.UserId, o.Status, o.Id });
        order.ToTable(t =>
        {
            t.HasCheckConstraint("CK_Orders_Total", Money.Check("TotalMinor", 1));
            t.HasCheckConstraint(
                "CK_Orders_Paid", $"(\"TransferId\" IS NOT NULL) = (\"Status\" = {(int)OrderStatus.Paid})");
        });
    }
}

sealed class OrderLineConfiguration : IEntityTypeConfiguration<OrderLine>
{
    public void Configure(EntityTypeBuilder<OrderLine> line)
    {
        line.HasKey(l => new { l.OrderId, l.Position });
        line.Property(l => l.Sku).HasMaxLength(Product.MaxSkuLength);
        line.Property(l => l.Name).HasMaxLength(Product.MaxNameLength);
        line.HasOne<Product>().WithMany().HasForeignKey(l => l.ProductId).OnDelete(DeleteBehavior.Restrict);
        line.ToTable("OrderLines", t =>
        {
            t.HasCheckConstraint("CK_OrderLines_Quantity", $"\"Quantity\" BETWEEN 1 AND {OrderLine.MaxQuantity}");
            t.HasCheckConstraint("CK_OrderLines_Price", Money.Check("PriceMinor", 1));
        });
    }
}

/// <summary>All lines together cost more than can be counted.</summary>
public sealed class OrderTooExpensive() : ConflictException(
    ErrorCodes.Conflict, "The order costs more than can be counted.");

/// <summary>The order is paid or cancelled already.</summary>
public sealed class OrderNotPending() : ConflictException(
    ErrorCodes.InvalidState, "The order is paid or cancelled already.");
