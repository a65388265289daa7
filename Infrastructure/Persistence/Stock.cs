using SliceApi.Infrastructure.Persistence.Entities;

namespace SliceApi.Infrastructure.Persistence;

/// <summary>What there is of a product, taken and given back.</summary>
public static class Stock
{
    // One guarded UPDATE, not read-then-write: two buyers cannot both take the last item.
    const string TakeSql = """
        UPDATE Products SET Stock = Stock - $quantity, Version = Version + 1, UpdatedAt = $now
        WHERE Id = $id AND Stock >= $quantity
        """;

    // An administrator may have filled the stock up meanwhile: what is above its limit is lost.
    static readonly string GiveBackSql = $"""
        UPDATE Products SET Stock = min(Stock + $quantity, {Product.MaxStock}), Version = Version + 1, UpdatedAt = $now
        WHERE Id = $id
        """;

    /// <summary>Takes so many of a product, or none.</summary>
    /// <returns>Whether there were enough.</returns>
    public static bool TakeStock(this WriteScope scope, Guid productId, int quantity, DateTimeOffset now)
        => scope.Prepare(TakeSql).Execute(quantity, now.UtcTicks, productId) == 1;

    /// <summary>Gives so many of a product back.</summary>
    public static void GiveStockBack(this WriteScope scope, Guid productId, int quantity, DateTimeOffset now)
        => scope.Prepare(GiveBackSql).Execute(quantity, now.UtcTicks, productId);
}
