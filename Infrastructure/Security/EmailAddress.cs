namespace SliceApi.Infrastructure.Security;

/// <summary>The one place that says when two e-mail addresses are the same.</summary>
public static class EmailAddress
{
    /// <summary>The address in Unicode's composed form (NFC), its case kept.</summary>
    public static string Normalize(string email) => Nfc.Normalize(email);

    /// <summary>
    /// The address as it is stored for comparison and looked up: composed, lower case by Unicode's simple mapping,
    /// the same under every culture.
    /// </summary>
    public static string Key(string email) => Nfc.Normalize(email).ToLowerInvariant();
}
