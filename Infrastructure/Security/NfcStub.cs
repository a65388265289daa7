namespace SliceApi.Infrastructure.Security;
/// <summary>x</summary>
public static class Nfc
{
    /// <summary>x</summary>
    public static string Normalize(string text) => text;
}
