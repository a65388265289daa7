using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using SliceApi.Infrastructure.Http;
using SliceApi.Infrastructure.Security;

namespace SliceApi.Infrastructure.Persistence.Entities;

/// <summary>Something that can be ordered.</summary>
public sealed class Product
{
    /// <summary>The longest stock keeping unit, in characters.</summary>
    public const int MaxSkuLength = 50;

    /// <summary>The longest name, in characters.</summary>
    public const int MaxNameLength = 200;

    /// <summary>The largest stock.</summary>
    public const int MaxStock = 1_000_000_000;

    Product() { }

    /// <summary>A new product, not yet stored.</summary>
    public Product(string sku, string name, long priceMinor, string currency, int stock, DateTimeOffset now)
    {
        Id = Guid.CreateVersion7(now);
        Sku = sku;
        Name = name;
        PriceMinor = priceMinor;
        Currency = currency;
        Stock = stock;
        Version = 1;
        CreatedAt = now;
        UpdatedAt = now;
    }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; private set; }

    /// <summary>The shop's own name for it: no two products share one.</summary>
    public string Sku { get; private set; } = "";

    /// <summary>What it is called.</summary>
    public string Name { get; private set; } = "";

    /// <summary>What one costs today, in minor units; at least 1.</summary>
    public long PriceMinor { get; private set; }

    /// <summary>ISO 4217.</summary>
    public string Currency { get; private set; } = "";

    /// <summary>How many can be ordered.</summary>
    public int Stock { get; private set; }

    /// <summary>Rises by one with every change, of the stock too; the ETag.</summary>
    public long Version { get; private set; }

    /// <summary>When it was added.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>When it last changed.</summary>
    public DateTimeOffset UpdatedAt { get; private set; }
}

/// <summary>A word in a product's name or stock keeping unit: what a search looks products up by.</summary>
public sealed class ProductWord
{
    /// <summary>The word, in small letters.</summary>
    public string Word { get; set; } = "";

    /// <summary>The product.</summary>
    public Guid ProductId { get; set; }

    /// <summary>
    /// Takes texts apart into their words, each once: runs of letters, digits and the marks on them, composed (NFC) and
    /// in small letters, the same under every culture.
    /// </summary>
    public static HashSet<string> In(params ReadOnlySpan<string> texts)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            var word = new StringBuilder();
            foreach (var rune in Nfc.Normalize(text).ToLowerInvariant().EnumerateRunes())
            {
                if (Rune.IsLetterOrDigit(rune) || (word.Length > 0 && IsMark(rune)))
                {
                    word.Append(rune.ToString());
                }
                else if (word.Length > 0)
                {
                    words.Add(word.ToString());
                    word.Clear();
                }
            }

            if (word.Length > 0)
                words.Add(word.ToString());
        }

        return words;
    }

    // Vowel signs of Indic scripts, accents that have no composed form.
    static bool IsMark(Rune rune)
        => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}

sealed class ProductConfiguration : IEntityTypeConfiguration<Product>
{
    public void Configure(EntityTypeBuilder<Product> product)
    {
        product.Property(p => p.Id).ValueGeneratedNever();
        product.Property(p => p.Sku).HasMaxLength(Product.MaxSkuLength);
        product.Property(p => p.Name).HasMaxLength(Product.MaxNameLength);
        product.Property(p => p.Currency).HasMaxLength(3);
        product.HasIndex(p => p.Sku).IsUnique();
        product.ToTable(t =>
        {
            t.HasCheckConstraint("CK_Products_Price", Money.Check("PriceMinor", 1));
            t.HasCheckConstraint("CK_Products_Stock", $"\"Stock\" BETWEEN 0 AND {Product.MaxStock}");
        });
    }
}

sealed class ProductWordConfiguration : IEntityTypeConfiguration<ProductWord>
{
    public void Configure(EntityTypeBuilder<ProductWord> word)
    {
        word.ToTable("ProductWords");
        word.HasKey(w => new { w.Word, w.ProductId });
        word.HasOne<Product>().WithMany().HasForeignKey(w => w.ProductId).OnDelete(DeleteBehavior.Cascade);
        // Whether a product has a word, too.
        word.HasIndex(w => new { w.ProductId, w.Word });
    }
}

/// <summary>Another product has this stock keeping unit.</summary>
public sealed class SkuTaken() : ConflictException(ErrorCodes.Conflict, "Another product has this sku.");
